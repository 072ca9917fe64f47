package io.batchinfer.launch;

import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.Set;

/** The options of a run, whoever begins it: the command, the data source or a program. */
public final class RunOptions {
  /** In any order. */
  public static final List<Option<?>> ALL =
      SendingOptions.and(
          Options.INPUT,
          Options.INPUT_FORMAT,
          Options.INPUT_OPTION,
          Options.INPUT_TABLE,
          Options.INPUT_SQL,
          Options.RECURSIVE,
          Options.KEY,
          Options.PROMPT,
          Options.SYSTEM,
          Options.MESSAGES,
          Options.BODY,
          Options.INPUT_COLUMN,
          Options.IMAGE,
          Options.DRY_RUN,
          Options.OUTPUT,
          Options.DEPLOYMENT,
          Options.ON_INVALID,
          Options.ENDPOINT,
          Options.ALLOWED_ENDPOINTS,
          Options.MODEL,
          Options.MODEL_OVERRIDE,
          Options.KEEP_LINE_MODELS,
          Options.AGENT_ID,
          Options.ANSWER_SCHEMA,
          Options.ANSWER_SCHEMA_MODE,
          Options.ANSWER_SCHEMA_FORM,
          Options.REPAIR_ATTEMPTS,
          Options.TIMEOUT_HOURS,
          Options.MAX_FAILURE_RATE,
          Options.MAX_COST,
          Options.MAX_TOTAL_TOKENS,
          Options.REUSE,
          Options.VIA,
          Options.THEN,
          Options.BATCH_API,
          Options.BATCH_WINDOW,
          Options.BATCH_PENDING,
          Options.BATCH_QUEUED_TOKENS,
          Options.BATCH_QUEUED_REQUESTS,
          Options.BATCH_DISCOUNT,
          Options.POLL_INTERVAL,
          Options.MAX_POLL_INTERVAL,
          Options.BATCH_LAG,
          Options.KEEP_REMOTE_FILES,
          Options.MAX_FILE_LINES,
          Options.MAX_FILE_BYTES,
          Options.RESUME,
          Options.RETRY_FAILED,
          Options.RERUN,
          Options.RESUME_STAGED,
          Options.RUN_ID,
          Options.METADATA,
          Options.PAGE,
          Options.JSON,
          Options.SUMMARY_FILE,
          Options.SUBMISSION);

  /** What only a command line has to say: how it tells things, and what starts it. */
  private static final Set<Option<?>> OF_THE_COMMAND =
      Set.of(
          Options.DRY_RUN,
          Options.PAGE,
          Options.JSON,
          Options.SUMMARY_FILE,
          Options.VERBOSE,
          Options.SUBMISSION);

  private RunOptions() {}

  /**
   * Refuses options of other commands. A name that no option has is left to whoever resolves them.
   *
   * @param names without dashes
   * @throws BatchException {@link ErrorCode#USAGE} where one is no option of a run by a program
   */
  public static void check(Set<String> names) {
    for (String name : names) {
      if (Options.named(name)
          .filter(option -> !ALL.contains(option) || OF_THE_COMMAND.contains(option))
          .isPresent()) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The option \"%s\" does not apply to a run; leave it out. The reference lists what each option is for."
                .formatted(name));
      }
    }
  }
}
