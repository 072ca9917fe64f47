package io.batchinfer.engine.lead;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStores;
import java.util.ArrayList;
import java.util.List;

/** The outputs whose answers a job may take over. They are only read. */
public final class EarlierJobs {
  private EarlierJobs() {}

  /**
   * An earlier job.
   *
   * @param root qualified path of its output
   * @param hash what the ids of its rows are made from
   * @param counts of its rows, as far as it came
   */
  public record EarlierJob(String root, Plan plan, Hash128 hash, Counts counts) {
    /** How many scan units it was planned in. */
    public int units() {
      return plan.splits().get(plan.splits().size() - 1).unit() + 1;
    }
  }

  /**
   * Looks at outputs.
   *
   * @param own qualified path of the job's own output
   * @throws BatchException {@link ErrorCode#USAGE} where one is not to be had answers from
   */
  public static List<EarlierJob> of(FileStores stores, List<String> outputs, String own) {
    List<EarlierJob> jobs = new ArrayList<>();
    for (String output : outputs) {
      String root = stores.qualify(output);
      JobFolder folder = new JobFolder(stores, root);
      if (folder.root().equals(new JobFolder(stores, own).root())) {
        throw unusable(output, "is the job's own output, which it goes on with anyway");
      }
      JobRecord record =
          folder
              .readRecord()
              .orElseThrow(() -> unusable(output, "holds no job: there is no job.json in it"));
      Plan plan =
          folder
              .readPlan()
              .orElseThrow(() -> unusable(output, "has no plan: its job never began to send"));
      if (stores.find(folder.rowHashes(0)).isEmpty()) {
        throw unusable(
            output, "was planned by an earlier version, which did not note what each line asks");
      }
      jobs.add(
          new EarlierJob(
              folder.root(), plan, JobRequest.jobHash(record.identity()), record.rows().counts()));
    }
    return jobs;
  }

  private static BatchException unusable(String output, String why) {
    return new BatchException(
        ErrorCode.USAGE,
        "--reuse \"%s\" %s. Leave it out, or give the output of another job."
            .formatted(output, why));
  }
}
