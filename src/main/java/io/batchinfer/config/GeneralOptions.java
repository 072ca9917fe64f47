package io.batchinfer.config;

import java.util.List;

/** What every command has. */
public final class GeneralOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.GENERAL);

  public static final Option<String> CONFIG =
      OPTIONS.add(
          Option.text("config", "FILE")
              .defaultsByCircumstance("conf/batchinfer.conf where it exists"),
          "File of key = value lines; not settable in the file itself.");

  public static final Option<Boolean> JSON =
      OPTIONS.add(
          Option.flag("json"),
          "One JSON object on standard output, everything else on standard error.");

  public static final Option<String> SUMMARY_FILE =
      OPTIONS.add(
          Option.text("summary-file", "FILE"),
          "Holds the object of --json when the command has ended, also of a run that never"
              + " began; a scheduler reads it there. A path without a scheme is on the machine"
              + " of the command.");

  public static final Option<Boolean> WATCH =
      OPTIONS.add(
          Option.flag("watch"),
          "Keeps showing how the job stands until it ends; with --json, one object per line"
              + " each time.");

  public static final Option<String> SUBMISSION =
      OPTIONS.add(
          Option.text("submission", "TOKEN"),
          "Set by the start script in cluster mode: run leaves a note of how it ended under"
              + " this name, and status reads it.");

  public static final Option<Boolean> VERBOSE =
      OPTIONS.add(Option.flag("verbose"), "Stack traces and details on standard error.");

  private GeneralOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
