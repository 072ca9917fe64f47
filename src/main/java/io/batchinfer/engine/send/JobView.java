package io.batchinfer.engine.send;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.row.LineRules;
import io.batchinfer.row.ResultLineWriter;

/**
 * The job of a run as its executors see it: never changes while they work.
 *
 * @param keys make the ids of its rows
 * @param rules how its lines become requests
 */
record JobView(RunSpec spec, JobFolder folder, Plan plan, RowKey keys, LineRules rules) {

  /**
   * Reads the plan.
   *
   * @throws BatchException {@link ErrorCode#STORAGE_FAILED} if it is not in the job's folder
   */
  static JobView read(RunSpec spec, JobFolder folder) {
    Plan plan =
        folder
            .readPlan()
            .orElseThrow(
                () ->
                    new BatchException(
                        ErrorCode.STORAGE_FAILED,
                        "This executor does not see the plan in \"%s\"; the output must be on a filesystem that driver and executors share."
                            .formatted(folder.plan())));
    return new JobView(spec, folder, plan, new RowKey(spec.jobHash()), spec.lineRules());
  }

  Split split(int number) {
    return plan.splits().get(number);
  }

  /** How many splits the job has. */
  int splits() {
    return plan.splits().size();
  }

  /** Renders the lines of its results and errors. */
  ResultLineWriter lineWriter() {
    return new ResultLineWriter(
        keys, plan.files().stream().map(InputFile::path).map(JobFolder::shownInput).toList());
  }
}
