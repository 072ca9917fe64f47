package io.batchinfer.spark;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.engine.copies.EqualAnswers;
import io.batchinfer.engine.lead.PlannedJob;
import io.batchinfer.engine.lead.WaitingRows;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import java.time.Instant;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Tuple2;

/**
 * Brings answers from the splits in which they are to those in which equal rows wait, as a Spark
 * job. Repeated tasks write the same files again.
 */
final class EqualAnswersJob implements WaitingRows {
  private static final int SPLITS_PER_TASK = 8;

  private final JavaSparkContext context;
  private final JobFolder folder;
  private final PlannedJob job;
  private final Instant since;

  /**
   * @param since when the job's time began to run
   */
  EqualAnswersJob(JavaSparkContext context, JobFolder folder, PlannedJob job, Instant since) {
    this.context = context;
    this.folder = folder;
    this.job = job;
    this.since = since;
  }

  @Override
  public SortedMap<Integer, ReopenedSplit> reopen(
      SortedMap<Integer, PartCounts> waiting, long epoch, boolean last) {
    copy(waiting, last);
    SortedMap<Integer, ReopenedSplit> reopened = new TreeMap<>();
    waiting.forEach(
        (split, part) ->
            reopened.put(
                split,
                new ReopenedSplit(part.round() + 1, epoch, RowsAgain.WAITING, part.counts())));
    folder.writeReopening(new Reopening(since, reopened));
    return reopened;
  }

  private void copy(SortedMap<Integer, PartCounts> waiting, boolean last) {
    BitSet theirs = new BitSet();
    waiting.keySet().forEach(theirs::set);
    List<Integer> splits = job.plan().splits().stream().map(Split::index).toList();
    String root = folder.root();
    String hash = job.hash().hex();
    byte[] targets = theirs.toByteArray();
    try (JobLabel label = JobLabel.of(context, root, "copy answers to equal rows")) {
      context
          .parallelize(splits, tasks(splits.size()))
          .mapPartitionsToPair(
              numbers -> {
                JobFolder here = TaskFiles.folder(root);
                Plan plan = here.readPlan().orElseThrow();
                EqualAnswers answers =
                    new EqualAnswers(
                        here, plan, new RowKey(Hash128.ofHex(hash)), BitSet.valueOf(targets), last);
                return pairs(answers.of(numbers));
              })
          .repartitionAndSortWithinPartitions(new BySplit(tasks(waiting.size())))
          .foreachPartition(
              answers -> CopiesFile.writeAll(TaskFiles.folder(root), copies(answers)));
    }
  }

  private static int tasks(int splits) {
    return (splits + SPLITS_PER_TASK - 1) / SPLITS_PER_TASK;
  }

  private static Iterator<Tuple2<Long, byte[]>> pairs(Iterator<CopiedAnswer> answers) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return answers.hasNext();
      }

      @Override
      public Tuple2<Long, byte[]> next() {
        CopiedAnswer answer = answers.next();
        return new Tuple2<>(answer.key(), answer.resultLine());
      }
    };
  }

  private static Iterator<CopiedAnswer> copies(Iterator<Tuple2<Long, byte[]>> pairs) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return pairs.hasNext();
      }

      @Override
      public CopiedAnswer next() {
        Tuple2<Long, byte[]> pair = pairs.next();
        return new CopiedAnswer(pair._1(), pair._2());
      }
    };
  }

  /** All rows of a split go to one task. */
  private static final class BySplit extends Partitioner {
    private static final long serialVersionUID = 1;

    private final int tasks;

    BySplit(int tasks) {
      this.tasks = tasks;
    }

    @Override
    public int numPartitions() {
      return tasks;
    }

    @Override
    public int getPartition(Object key) {
      return CopiedAnswer.splitOf((Long) key) % tasks;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof BySplit by && by.tasks == tasks;
    }

    @Override
    public int hashCode() {
      return tasks;
    }
  }
}
