package io.batchinfer.engine.copies;

import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntFunction;

/**
 * Numbers by scan unit, found in one bucket of the hash space and written to a file of that bucket
 * in the folder of each unit. A place is a unit and, in its low half, a line in that. Not
 * thread-safe.
 */
final class GroupFiles {
  private final FileStore store;
  private final String bucket;

  GroupFiles(FileStore store, int bucket) {
    this.store = store;
    this.bucket = "/bucket-%06d".formatted(bucket);
  }

  /** Numbers by unit. */
  static final class ByUnit {
    private final SortedMap<Integer, GrowingInts> units = new TreeMap<>();

    private GrowingInts of(int unit) {
      return units.computeIfAbsent(unit, unused -> new GrowingInts());
    }

    /** Adds the line of a place. */
    void addLine(long place) {
      of(unitOf(place)).add(lineOf(place));
    }

    /**
     * Adds a row and others, as {@link EqualGroup} reads them.
     *
     * @param first whether no other row is equal to the leader and comes before
     */
    void addGroup(long leader, boolean first, List<Long> others) {
      GrowingInts group = of(unitOf(leader));
      group.add(lineOf(leader));
      group.add(first ? others.size() : -others.size());
      for (long place : others) {
        group.add(unitOf(place));
        group.add(lineOf(place));
      }
    }
  }

  static long place(int unit, int line) {
    return (long) unit << Integer.SIZE | line;
  }

  private static int unitOf(long place) {
    return (int) (place >>> Integer.SIZE);
  }

  private static int lineOf(long place) {
    return (int) place;
  }

  /**
   * Writes all numbers.
   *
   * @param folders path of each unit's folder
   * @param kind what the files are called after the bucket
   */
  void write(ByUnit found, IntFunction<String> folders, String kind) {
    found.units.forEach(
        (unit, numbers) -> {
          String path = folders.apply(unit) + bucket + "." + kind;
          try (DataOutputStream out = new DataOutputStream(store.create(path))) {
            numbers.write(out);
          } catch (IOException e) {
            throw new StorageException("Cannot write \"" + path + "\"", e);
          }
        });
  }
}
