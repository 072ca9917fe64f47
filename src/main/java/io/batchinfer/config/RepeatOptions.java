package io.batchinfer.config;

import java.util.List;
import java.util.Map;

/** What running the same command again does. */
public final class RepeatOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.REPEATING);

  public static final Option<Boolean> RESUME =
      OPTIONS.add(
          Option.flag("resume"),
          "Goes on with a cancelled or timed-out job: its cancelled and expired rows" + " run.");

  public static final Option<Boolean> RETRY_FAILED =
      OPTIONS.add(
          Option.flag("retry-failed"),
          "Runs the failed rows of a finished job again, except lines that are invalid in"
              + " themselves; successful rows stay and are not sent.");

  public static final Option<Boolean> RERUN =
      OPTIONS.add(
          Option.flag("rerun"),
          "Runs everything anew and pays for everything again, once per --run-id. Without a"
              + " run id, a rerun that is not finished goes on instead of beginning"
              + " again.");

  public static final Option<Boolean> RESUME_STAGED =
      OPTIONS.add(
          Option.flag("resume-staged"),
          "Goes on with the requests that the job has staged from its table, without"
              + " reading the table again.");

  public static final Option<String> RUN_ID =
      OPTIONS.add(
          Option.text("run-id", "ID").defaultsByCircumstance("Airflow's AIRFLOW_CTX_DAG_RUN_ID"),
          "Names the scheduled run that gives the command, the same for every try of it: a"
              + " --rerun under the id of the last one continues it, or reports how it"
              + " ended.");

  public static final Option<Boolean> TAKE_OVER =
      OPTIONS.add(
          Option.flag("take-over"),
          "Waits until the run that owns the output is provably gone, then goes on.");

  public static final Option<Map<String, String>> METADATA =
      OPTIONS.add(Option.keyValues("metadata"), "Notes to keep with the job in job.json.");

  private RepeatOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }
}
