package io.batchinfer.config;

import java.util.List;

/** What is read of a job that has run, or of its input, and in which form. */
public final class ReadingOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.READING);

  public static final Option<Boolean> PARTIAL =
      OPTIONS.add(Option.flag("partial"), "results: even of a job that is not finished.");

  public static final Option<Boolean> FOLLOW =
      OPTIONS.add(
          Option.flag("follow"),
          "results: goes on writing rows as they are published, until the job is over.");

  public static final Option<Boolean> ERRORS =
      OPTIONS.add(Option.flag("errors"), "results: the error rows instead of the results.");

  public static final Option<Boolean> FAILED_REQUESTS =
      OPTIONS.add(
          Option.flag("failed-requests"), "results: the original input lines of the failed rows.");

  public static final Option<Boolean> JOIN =
      OPTIONS.add(Option.flag("join"), "results: each result together with its input line.");

  public static final Option<String> FORMAT_OF_ANSWERS =
      OPTIONS.add(
          Option.text("format", "FORMAT", InputOutputOptions::tableFormat),
          "results: writes all rows as a table in a format that Spark writes, such as"
              + " parquet, orc, csv, json or delta, with --to or --to-table.");

  public static final Option<String> TO =
      OPTIONS.add(
          Option.text("to", "PATH"),
          "results: folder to which the table is written; sample: file for the rows, in"
              + " place of standard output; report: file for the page, in place of"
              + " report.html in the job's folder.");

  public static final Option<String> TO_TABLE =
      OPTIONS.add(
          Option.text("to-table", "NAME"),
          "results: table of Spark's catalogue to which the answers are written.");

  public static final Option<Boolean> OVERWRITE =
      OPTIONS.add(
          Option.flag("overwrite"),
          "results, sample: replaces what is at --to or --to-table; without it that is"
              + " refused.");

  public static final Option<Integer> COUNT =
      OPTIONS.add(
          Option.integer("count")
              .shortName("n")
              .atLeast(1)
              .atMost(1_000_000)
              .defaultsByCircumstance("20 rows, 3 examples"),
          "sample: how many rows; diff: most examples of each kind.");

  public static final Option<Long> SEED =
      OPTIONS.add(
          Option.longNumber("seed").defaultsTo(1L),
          "sample: another number chooses other rows, the same one the same.");

  public static final Option<String> WITH =
      OPTIONS.add(
          Option.text("with", "FOLDER", InputOutputOptions::outputFolder),
          "diff: the output that the first one is compared with.");

  public static final Option<String> HTML =
      OPTIONS.add(
          Option.text("html", "FILE"),
          "diff: also writes a page to look at, which loads nothing from elsewhere; replaces"
              + " the file.");

  public static final Option<Long> MAX_FILE_LINES =
      OPTIONS.add(
          Option.longNumber("max-file-lines")
              .atLeast(1L)
              .defaultsByCircumstance("the provider's limit, else 50000"),
          "split, and run with via=batch: most lines per file.");

  public static final Option<Long> MAX_FILE_BYTES =
      OPTIONS.add(
          Option.bytes("max-file-bytes")
              .atLeast(1L)
              .defaultsByCircumstance("the provider's limit, else 100MB"),
          "split, and run with via=batch: most bytes per file.");

  public static final Option<Boolean> OPEN =
      OPTIONS.add(
          Option.flag("open"),
          "report: opens the page in this machine's browser; of a folder elsewhere, a copy"
              + " of it.");

  private ReadingOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
