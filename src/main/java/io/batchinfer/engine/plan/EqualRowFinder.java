package io.batchinfer.engine.plan;

import io.batchinfer.config.Dedupe;
import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.StorageException;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds rows that ask the same of the same endpoint, over all units, one bucket of the hash space
 * at a time. Needs memory for one bucket only. The first of equal rows, in input order, leads the
 * others; rows that are never sent are not among them.
 */
public final class EqualRowFinder {
  /** Rows of one bucket: 32 bytes each in memory. */
  private static final long ROWS_PER_BUCKET = 2_000_000;

  private static final int INDEX_BITS = 31;

  private final JobFolder folder;
  private final boolean all;

  /**
   * @param dedupe which equal rows are looked for
   */
  public EqualRowFinder(JobFolder folder, Dedupe dedupe) {
    this.folder = folder;
    this.all = dedupe == Dedupe.ON;
  }

  /** How many buckets that many rows need. */
  public static int buckets(long rows) {
    return (int) Math.max(1, (rows + ROWS_PER_BUCKET - 1) / ROWS_PER_BUCKET);
  }

  /**
   * Writes the equal rows of a bucket, per unit, and returns how many have a leader before them.
   */
  public long find(int bucket, int buckets, int units) {
    Rows rows = new Rows();
    for (int unit = 0; unit < units; unit++) {
      int current = unit;
      BitSet unsent = folder.duplicateLines(unit);
      RowHashes.read(
          folder.store(),
          folder.rowHashes(unit),
          (high, low, line, determined) -> {
            boolean here = Long.remainderUnsigned(high, buckets) == bucket;
            if (here && (all || determined) && !unsent.get(line)) {
              rows.add(high, low, (long) current << Integer.SIZE | line);
            }
          });
    }
    Found found = new Found();
    rows.eachGroup(found::add);
    found.followers.forEach(
        (unit, lines) -> write(folder.equalRows(unit) + "/" + name(bucket, "lines"), lines));
    found.groups.forEach(
        (unit, groups) -> write(folder.equalGroups(unit) + "/" + name(bucket, "groups"), groups));
    return found.count;
  }

  private static String name(int bucket, String kind) {
    return "bucket-%06d.%s".formatted(bucket, kind);
  }

  private void write(String path, Numbers numbers) {
    try (DataOutputStream out = new DataOutputStream(folder.store().create(path))) {
      numbers.write(out);
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** What is to be written of a bucket. */
  private static final class Found {
    private final SortedMap<Integer, Numbers> followers = new TreeMap<>();
    private final SortedMap<Integer, Numbers> groups = new TreeMap<>();
    private long count;

    /** Takes the places of equal rows, in input order. */
    void add(List<Long> places) {
      List<Long> others = places.subList(1, places.size());
      add(places.get(0), others, others.size());
      if (others.size() > 1) {
        // Leads the rest where the first one is no help.
        add(others.get(0), others.subList(1, others.size()), 1 - others.size());
      }
      for (long place : others) {
        of(followers, unitOf(place)).add(lineOf(place));
        count++;
      }
    }

    /**
     * @param told how many others there are; below zero where another row comes before the leader
     */
    private void add(long leader, List<Long> others, int told) {
      Numbers group = of(groups, unitOf(leader));
      group.add(lineOf(leader));
      group.add(told);
      for (long place : others) {
        group.add(unitOf(place));
        group.add(lineOf(place));
      }
    }

    private static Numbers of(SortedMap<Integer, Numbers> byUnit, int unit) {
      return byUnit.computeIfAbsent(unit, unused -> new Numbers());
    }

    private static int unitOf(long place) {
      return (int) (place >>> Integer.SIZE);
    }

    private static int lineOf(long place) {
      return (int) place;
    }
  }

  /** Whole numbers, four bytes each. */
  private static final class Numbers {
    private int[] numbers = new int[64];
    private int count;

    void add(int number) {
      if (count == numbers.length) {
        numbers = Arrays.copyOf(numbers, count * 2);
      }
      numbers[count++] = number;
    }

    void write(DataOutputStream out) throws IOException {
      byte[] bytes = new byte[1 << 13];
      int filled = 0;
      for (int i = 0; i < count; i++) {
        for (int shift = 24; shift >= 0; shift -= 8) {
          bytes[filled++] = (byte) (numbers[i] >>> shift);
        }
        if (filled == bytes.length) {
          out.write(bytes);
          filled = 0;
        }
      }
      out.write(bytes, 0, filled);
    }
  }

  /** Is given the places of equal rows, at least two, in input order. */
  @FunctionalInterface
  private interface Group {
    void of(List<Long> places);
  }

  /** Rows of a bucket, sorted through an index so that equal ones become neighbours. */
  private static final class Rows {
    private long[] high = new long[4096];
    private long[] low = new long[4096];
    private long[] place = new long[4096];
    private int count;

    void add(long rowHigh, long rowLow, long rowPlace) {
      if (count == high.length) {
        high = Arrays.copyOf(high, count * 2);
        low = Arrays.copyOf(low, count * 2);
        place = Arrays.copyOf(place, count * 2);
      }
      high[count] = rowHigh;
      low[count] = rowLow;
      place[count] = rowPlace;
      count++;
    }

    /** Rows were added in input order, which the sort keeps among those of one hash. */
    void eachGroup(Group group) {
      long[] sorted = new long[count];
      for (int i = 0; i < count; i++) {
        sorted[i] = high[i] << INDEX_BITS | i;
      }
      Arrays.sort(sorted);
      int from = 0;
      while (from < count) {
        int to = from + 1;
        while (to < count && prefix(sorted[to]) == prefix(sorted[from])) {
          to++;
        }
        if (to - from > 1) {
          among(sorted, from, to, group);
        }
        from = to;
      }
    }

    private static long prefix(long sorted) {
      return sorted >>> INDEX_BITS;
    }

    /** Neighbours agree in a part of their hashes only; they mostly are all equal. */
    private void among(long[] sorted, int from, int to, Group group) {
      List<List<Long>> groups = new ArrayList<>(1);
      List<Integer> leaders = new ArrayList<>(1);
      for (int i = from; i < to; i++) {
        int row = (int) (sorted[i] & ((1L << INDEX_BITS) - 1));
        int known = 0;
        while (known < leaders.size() && !equal(leaders.get(known), row)) {
          known++;
        }
        if (known == leaders.size()) {
          leaders.add(row);
          groups.add(new ArrayList<>());
        }
        groups.get(known).add(place[row]);
      }
      groups.stream().filter(places -> places.size() > 1).forEach(group::of);
    }

    private boolean equal(int one, int other) {
      return high[one] == high[other] && low[one] == low[other];
    }
  }
}
