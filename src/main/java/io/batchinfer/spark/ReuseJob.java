package io.batchinfer.spark;

import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.engine.copies.ReusableAnswers;
import io.batchinfer.engine.copies.ReusableAnswers.EarlierOutput;
import io.batchinfer.engine.copies.ReusableRows;
import io.batchinfer.engine.lead.EarlierJobs.EarlierJob;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * Brings answers of earlier outputs to the rows of a job that ask the same, before anything is
 * sent: finds who is equal to whom by the hashes of both plans, then reads the parts that have
 * something to give.
 */
final class ReuseJob {
  private final JavaSparkContext context;
  private final JobFolder folder;

  ReuseJob(JavaSparkContext context, JobFolder folder) {
    this.context = context;
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
    try (JobLabel label = JobLabel.of(context, root, "look for answers in " + theirs)) {
      context
          .parallelize(buckets, buckets.size())
          .map(
              bucket ->
                  new ReusableRows(TaskFiles.folder(root), units)
                      .find(bucket, TaskFiles.folder(theirs), number, theirUnits))
          .collect();
    }
  }

  private void copy(Plan plan, List<EarlierJob> earlier) {
    String root = folder.root();
    List<JavaPairRDD<Long, byte[]>> answers = new ArrayList<>();
    for (int number = 0; number < earlier.size(); number++) {
      EarlierJob job = earlier.get(number);
      answers.add(answers(job.root(), job.hash().hex(), number));
    }
    try (JobLabel label = JobLabel.of(context, root, "copy answers of earlier outputs")) {
      JavaPairRDD<Long, byte[]> all = answers.get(0);
      for (JavaPairRDD<Long, byte[]> more : answers.subList(1, answers.size())) {
        all = all.union(more);
      }
      AnswerShuffle.write(all, plan.splits().size(), root);
    }
  }

  private JavaPairRDD<Long, byte[]> answers(String theirs, String hash, int number) {
    String root = folder.root();
    List<Integer> published = new JobFolder(folder.store(), theirs).committedSplits();
    return context
        .parallelize(published, AnswerShuffle.tasks(published.size()))
        .mapPartitionsToPair(
            numbers -> {
              JobFolder here = TaskFiles.folder(root);
              JobFolder there = TaskFiles.folder(theirs);
              EarlierOutput earlier =
                  new EarlierOutput(
                      number,
                      there,
                      there.readPlan().orElseThrow(),
                      new RowKey(Hash128.ofHex(hash)));
              ReusableAnswers answers =
                  new ReusableAnswers(here, here.readPlan().orElseThrow(), earlier);
              return AnswerShuffle.pairs(answers.of(numbers));
            });
  }
}
