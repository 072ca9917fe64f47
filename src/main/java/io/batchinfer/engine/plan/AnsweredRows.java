package io.batchinfer.engine.plan;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.HashBucket;
import io.batchinfer.engine.copies.ReusableAnswers;
import io.batchinfer.engine.copies.ReusableAnswers.EarlierOutput;
import io.batchinfer.engine.copies.ReusableRows;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.LocalTasks;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/** Which rows of a plan earlier outputs have answers for, as a run would find them. Immutable. */
final class AnsweredRows {
  private final Set<Long> keys;

  private AnsweredRows(Set<Long> keys) {
    this.keys = keys;
  }

  /**
   * Looks into earlier outputs, which are only read.
   *
   * @param folder where the plan's hashes are, and what is found goes
   */
  static AnsweredRows of(
      FileStores stores,
      JobFolder folder,
      Plan plan,
      List<EarlierAnswers> earlier,
      LocalTasks tasks) {
    Set<Long> keys = new HashSet<>();
    for (int number = 0; number < earlier.size() && !plan.splits().isEmpty(); number++) {
      EarlierAnswers job = earlier.get(number);
      JobFolder theirs = new JobFolder(stores, job.root());
      int current = number;
      ReusableRows rows = new ReusableRows(folder, units(plan));
      tasks.map(
          HashBucket.forRows(plan.rows()),
          bucket -> rows.find(bucket, theirs, current, units(job.plan())));
      ReusableAnswers answers =
          new ReusableAnswers(
              folder, plan, new EarlierOutput(number, theirs, job.plan(), new RowKey(job.hash())));
      tasks
          .map(theirs.commits().splits(), split -> keysIn(answers.of(List.of(split).iterator())))
          .forEach(keys::addAll);
    }
    return new AnsweredRows(keys);
  }

  private static int units(Plan plan) {
    return plan.splits().get(plan.splits().size() - 1).unit() + 1;
  }

  private static Set<Long> keysIn(Iterator<CopiedAnswer> answers) {
    Set<Long> keys = new HashSet<>();
    while (answers.hasNext()) {
      keys.add(answers.next().key());
    }
    return keys;
  }

  /** Whether a row has an answer. */
  boolean holds(int split, int line) {
    return keys.contains((long) split << Integer.SIZE | line);
  }

  /** How many rows have one. */
  int count() {
    return keys.size();
  }
}
