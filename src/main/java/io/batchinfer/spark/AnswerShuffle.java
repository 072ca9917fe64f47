package io.batchinfer.spark;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.job.JobFolder;
import io.batchinfer.remote.RemoteFolder;
import java.util.Iterator;
import java.util.function.Function;
import org.apache.spark.Partitioner;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaPairRDD;
import scala.Tuple2;

/**
 * Brings answers from the tasks that read them to the splits whose rows they are for, by Spark's
 * shuffle. Repeated tasks write the same files again.
 */
final class AnswerShuffle {
  private static final int SPLITS_PER_TASK = 8;

  private AnswerShuffle() {}

  /** How many tasks so many splits are worth. */
  static int tasks(int splits) {
    return Math.max(1, (splits + SPLITS_PER_TASK - 1) / SPLITS_PER_TASK);
  }

  /** Answers as the shuffle carries them. */
  static Iterator<Tuple2<Long, byte[]>> pairs(Iterator<CopiedAnswer> answers) {
    return mapped(answers, answer -> new Tuple2<>(answer.key(), answer.content()));
  }

  /**
   * Writes a file for each split.
   *
   * @param splits about how many get answers
   */
  static void write(JavaPairRDD<Long, byte[]> answers, int splits, String root) {
    answers
        .repartitionAndSortWithinPartitions(new BySplit(tasks(splits)))
        .foreachPartition(
            pairs ->
                CopiesFile.writeAll(
                    TaskFiles.folder(root),
                    mapped(pairs, pair -> CopiedAnswer.of(pair._1(), pair._2()))));
  }

  /**
   * Writes a file of a batch service's answers for each split that has some.
   *
   * @param splits about how many
   * @param round the cut that the answers are of
   */
  static JavaFutureAction<Void> writeRemote(
      JavaPairRDD<Long, byte[]> answers, int splits, String root, int round) {
    return answers
        .repartitionAndSortWithinPartitions(new BySplit(tasks(splits)))
        .foreachPartitionAsync(
            pairs -> {
              JobFolder folder = TaskFiles.folder(root);
              RemoteFolder remote = new RemoteFolder(folder);
              CopiesFile.writeAll(
                  folder,
                  split -> remote.answers(round, split),
                  mapped(pairs, pair -> CopiedAnswer.of(pair._1(), pair._2())));
            });
  }

  static <A, B> Iterator<B> mapped(Iterator<A> all, Function<A, B> one) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return all.hasNext();
      }

      @Override
      public B next() {
        return one.apply(all.next());
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
