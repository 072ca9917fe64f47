package io.batchinfer.engine.run;

import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.engine.copies.ReusableAnswers;
import io.batchinfer.engine.copies.ReusableAnswers.EarlierOutput;
import io.batchinfer.engine.copies.ReusableRows;
import io.batchinfer.engine.lead.EarlierJobs.EarlierJob;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Brings answers of earlier outputs to the rows of a job that ask the same, before anything is
 * sent: finds who is equal to whom by the hashes of both plans, then reads the parts that have
 * something to give.
 */
final class ReuseJob {
  private final Cluster cluster;
  private final JobFolder folder;

  ReuseJob(Cluster cluster, JobFolder folder) {
    this.cluster = cluster;
    this.folder = folder;
  }

  /** Does all of it again where it was done before; what has an outcome by then takes no answer. */
  void run(Plan plan, List<EarlierJob> earlier) {
    folder.store().delete(folder.reusable());
    for (int number = 0; number < earlier.size(); number++) {
      find(plan, earlier.get(number), number);
    }
    copy(plan, earlier);
  }

  private void find(Plan plan, EarlierJob earlier, int number) {
    int units = plan.splits().get(plan.splits().size() - 1).unit() + 1;
    List<HashBucket> buckets = HashBucket.forRows(plan.rows());
    String root = folder.root();
    String theirs = earlier.root();
    int theirUnits = earlier.units();
    List<Long> unused =
        cluster.map(
            new TaskLabel(root, "look for answers in " + theirs),
            buckets,
            (bucket, here) ->
                new ReusableRows(here.folder(root), units)
                    .find(bucket, here.folder(theirs), number, theirUnits));
  }

  /**
   * Splits of an earlier output.
   *
   * @param number of the output among all that are looked at
   */
  private record Theirs(int number, String root, String hash, int[] splits)
      implements Serializable {}

  private void copy(Plan plan, List<EarlierJob> earlier) {
    String root = folder.root();
    List<Theirs> groups = new ArrayList<>();
    for (int number = 0; number < earlier.size(); number++) {
      EarlierJob job = earlier.get(number);
      List<Integer> published = new JobFolder(folder.store(), job.root()).commits().splits();
      for (int[] splits : SplitGroups.of(published)) {
        groups.add(new Theirs(number, job.root(), job.hash().hex(), splits));
      }
    }
    AnswerShuffle.write(
        cluster,
        new TaskLabel(root, "copy answers of earlier outputs"),
        groups,
        (theirs, here) -> {
          JobFolder own = here.folder(root);
          JobFolder there = here.folder(theirs.root());
          EarlierOutput output =
              new EarlierOutput(
                  theirs.number(),
                  there,
                  there.readPlan().orElseThrow(),
                  new RowKey(Hash128.ofHex(theirs.hash())));
          return new ReusableAnswers(own, own.readPlan().orElseThrow(), output)
              .of(IntStream.of(theirs.splits()).boxed().iterator());
        },
        plan.splits().size());
  }
}
