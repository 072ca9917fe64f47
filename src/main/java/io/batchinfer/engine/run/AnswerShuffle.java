package io.batchinfer.engine.run;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import java.util.Iterator;
import java.util.List;

/**
 * Brings answers from the tasks that read them to files of the splits whose rows they are for.
 * Repeated tasks write the same files again.
 */
final class AnswerShuffle {
  private AnswerShuffle() {}

  /**
   * Writes a file for each split.
   *
   * @param splits about how many get answers
   */
  static <T> void write(
      Cluster cluster,
      TaskLabel label,
      List<T> items,
      Task<T, Iterator<CopiedAnswer>> read,
      int splits) {
    String root = label.root();
    Tasks.await(
        cluster.shuffle(
            label,
            items,
            read,
            SplitGroups.tasks(splits),
            (answers, here) -> CopiesFile.writeAll(here.folder(root), answers)));
  }
}
