package io.batchinfer.compare;

import io.batchinfer.model.Hash128;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LocalTasks;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Compares two outputs row by row, by custom_id, however their rows are ordered and cut into parts.
 * Each output is read once, into temporary files of a hundred bytes a row; of these, rows with the
 * same custom_id meet in memory, some hundred thousand at a time.
 */
public final class OutputComparison {
  /** About 50 MB in memory. */
  private static final int ROWS_PER_PARTITION = 200_000;

  /** Files that are open at once, with a buffer each. */
  private static final int MOST_PARTITIONS = 1_000;

  /** Partitions in memory at once. */
  private static final int AT_ONCE = 2;

  private final FileStore store;
  private final String scratch;
  private final int threads;
  private final int examples;

  /**
   * @param scratch qualified path of a folder for temporary files, which the caller deletes
   * @param threads that read parts
   * @param examples most examples of each kind
   */
  public OutputComparison(FileStore store, String scratch, int threads, int examples) {
    this.store = store;
    this.scratch = scratch;
    this.threads = threads;
    this.examples = examples;
  }

  /** Compares them. */
  public Comparison of(ComparedOutput first, ComparedOutput second) {
    long most = Math.max(first.rows(), second.rows());
    int partitions =
        (int) Math.min(MOST_PARTITIONS, Math.max(1, (most - 1) / ROWS_PER_PARTITION + 1));
    RowPartitions ofFirst = new RowPartitions(store, scratch + "/first", partitions);
    long firstUnnamed = read(first, ofFirst);
    RowPartitions ofSecond = new RowPartitions(store, scratch + "/second", partitions);
    long secondUnnamed = read(second, ofSecond);
    List<Integer> numbers = IntStream.range(0, partitions).boxed().toList();
    ComparisonTotals all = new ComparisonTotals(examples);
    new LocalTasks(Math.min(threads, AT_ONCE))
        .map(numbers, number -> meet(number, ofFirst, ofSecond))
        .forEach(all::add);
    return new Comparison(
        new Comparison.Side(first, firstUnnamed),
        new Comparison.Side(second, secondUnnamed),
        all,
        new ExampleReader(first, second).read(all));
  }

  private long read(ComparedOutput output, RowPartitions into) {
    try (into) {
      return new LocalTasks(threads)
              .map(
                  List.copyOf(output.parts().entrySet()),
                  part -> new PartReader(output, into::add).read(part.getKey(), part.getValue()))
              .stream()
              .mapToLong(Long::longValue)
              .sum();
    }
  }

  private ComparisonTotals meet(int partition, RowPartitions ofFirst, RowPartitions ofSecond) {
    Map<Hash128, ComparedRow> waiting = new HashMap<>();
    ofFirst.read(partition, row -> waiting.put(row.id(), row));
    ofFirst.forget(partition);
    ComparisonTotals totals = new ComparisonTotals(examples);
    ofSecond.read(
        partition,
        row -> {
          ComparedRow other = waiting.remove(row.id());
          if (other == null) {
            totals.addOnlySecond(row);
          } else {
            totals.addBoth(other, row);
          }
        });
    ofSecond.forget(partition);
    waiting.values().forEach(totals::addOnlyFirst);
    return totals;
  }
}
