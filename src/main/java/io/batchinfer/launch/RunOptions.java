package io.batchinfer.launch;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.TableOptions;
import io.batchinfer.config.WatchingOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.Set;

/** The options of a run, whoever begins it: the command, the data source or a program. */
public final class RunOptions {
  /** In any order. */
  public static final List<Option<?>> ALL =
      SendingOptions.and(
          InputOutputOptions.INPUT,
          InputOutputOptions.INPUT_FORMAT,
          InputOutputOptions.INPUT_OPTION,
          InputOutputOptions.INPUT_TABLE,
          InputOutputOptions.INPUT_SQL,
          InputOutputOptions.RECURSIVE,
          TableOptions.KEY,
          TableOptions.PROMPT,
          TableOptions.SYSTEM,
          TableOptions.MESSAGES,
          TableOptions.BODY,
          TableOptions.INPUT_COLUMN,
          TableOptions.IMAGE,
          InputOutputOptions.DRY_RUN,
          InputOutputOptions.OUTPUT,
          EndpointOptions.DEPLOYMENT,
          InputOutputOptions.ON_INVALID,
          EndpointOptions.ENDPOINT,
          EndpointOptions.ALLOWED_ENDPOINTS,
          ModelOptions.MODEL,
          ModelOptions.MODEL_OVERRIDE,
          ModelOptions.KEEP_LINE_MODELS,
          ModelOptions.AGENT_ID,
          ModelOptions.ANSWER_SCHEMA,
          ModelOptions.ANSWER_SCHEMA_MODE,
          ModelOptions.ANSWER_SCHEMA_FORM,
          ModelOptions.REPAIR_ATTEMPTS,
          JobLimitOptions.TIMEOUT_HOURS,
          JobLimitOptions.MAX_FAILURE_RATE,
          JobLimitOptions.MAX_COST,
          JobLimitOptions.MAX_TOTAL_TOKENS,
          SavingOptions.REUSE,
          SavingOptions.VIA,
          SavingOptions.THEN,
          SavingOptions.BATCH_API,
          SavingOptions.BATCH_WINDOW,
          SavingOptions.BATCH_PENDING,
          SavingOptions.BATCH_QUEUED_TOKENS,
          SavingOptions.BATCH_QUEUED_REQUESTS,
          SavingOptions.BATCH_DISCOUNT,
          SavingOptions.POLL_INTERVAL,
          SavingOptions.MAX_POLL_INTERVAL,
          SavingOptions.BATCH_LAG,
          SavingOptions.KEEP_REMOTE_FILES,
          ReadingOptions.MAX_FILE_LINES,
          ReadingOptions.MAX_FILE_BYTES,
          RepeatOptions.RESUME,
          RepeatOptions.RETRY_FAILED,
          RepeatOptions.RERUN,
          RepeatOptions.RESUME_STAGED,
          RepeatOptions.RUN_ID,
          RepeatOptions.METADATA,
          WatchingOptions.PAGE,
          GeneralOptions.JSON,
          GeneralOptions.SUMMARY_FILE,
          GeneralOptions.SUBMISSION);

  /** What only a command line has to say: how it tells things, and what starts it. */
  private static final Set<Option<?>> OF_THE_COMMAND =
      Set.of(
          InputOutputOptions.DRY_RUN,
          WatchingOptions.PAGE,
          GeneralOptions.JSON,
          GeneralOptions.SUMMARY_FILE,
          GeneralOptions.VERBOSE,
          GeneralOptions.SUBMISSION);

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
