package io.batchinfer.engine.plan;

import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.StorageException;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds custom_ids that occur more than once, over all units, one bucket of the hash space at a
 * time. Needs memory for one bucket only. The first row with an id, in input order, is not a
 * duplicate.
 */
public final class DuplicateFinder {
  /** Ids of one bucket: 24 bytes each in memory, twice while sorting. */
  private static final long IDS_PER_BUCKET = 4_000_000;

  private final JobFolder folder;

  public DuplicateFinder(JobFolder folder) {
    this.folder = folder;
  }

  /** How many buckets that many ids need. */
  public static int buckets(long ids) {
    return (int) Math.max(1, (ids + IDS_PER_BUCKET - 1) / IDS_PER_BUCKET);
  }

  /**
   * Writes the duplicates of a bucket, per unit, and returns what to tell about them: their number,
   * then unit and line of the first few.
   */
  public long[] find(int bucket, int buckets, int units) {
    Ids ids = new Ids();
    for (int unit = 0; unit < units; unit++) {
      int current = unit;
      CustomIds.read(
          folder.store(),
          folder.customIds(unit),
          (high, low, line) -> {
            if (bucketOf(high, buckets) == bucket) {
              ids.add(high, low, (long) current << 32 | line);
            }
          });
    }
    List<Long> duplicates = ids.duplicates();
    Map<Integer, List<Integer>> byUnit = new HashMap<>();
    for (long place : duplicates) {
      byUnit.computeIfAbsent((int) (place >>> 32), unused -> new ArrayList<>()).add((int) place);
    }
    byUnit.forEach((unit, lines) -> write(unit, bucket, lines));
    int shown = Math.min(20, duplicates.size());
    long[] told = new long[1 + shown];
    told[0] = duplicates.size();
    for (int i = 0; i < shown; i++) {
      told[i + 1] = duplicates.get(i);
    }
    return told;
  }

  private static int bucketOf(long high, int buckets) {
    return (int) Long.remainderUnsigned(high, buckets);
  }

  private void write(int unit, int bucket, List<Integer> lines) {
    String path = folder.duplicates(unit) + "/bucket-%06d.lines".formatted(bucket);
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(folder.store().create(path)))) {
      for (int line : lines) {
        out.writeInt(line);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** Ids of a bucket, sorted through an index so that equal ids become neighbours. */
  private static final class Ids {
    private long[] high = new long[4096];
    private long[] low = new long[4096];
    private long[] place = new long[4096];
    private int count;

    void add(long idHigh, long idLow, long idPlace) {
      if (count == high.length) {
        high = Arrays.copyOf(high, count * 2);
        low = Arrays.copyOf(low, count * 2);
        place = Arrays.copyOf(place, count * 2);
      }
      high[count] = idHigh;
      low[count] = idLow;
      place[count] = idPlace;
      count++;
    }

    /** Places of all but the first occurrence, in input order. */
    List<Long> duplicates() {
      long[] sorted = Arrays.copyOf(high, count);
      Arrays.sort(sorted);
      Map<Long, Map<Long, Long>> suspects = new HashMap<>();
      for (int i = 1; i < count; i++) {
        if (sorted[i] == sorted[i - 1]) {
          suspects.put(sorted[i], new HashMap<>());
        }
      }
      List<Long> duplicates = new ArrayList<>();
      if (suspects.isEmpty()) {
        return duplicates;
      }
      // Ids were added in input order, so the first one met is the one that runs.
      for (int i = 0; i < count; i++) {
        Map<Long, Long> firstByLow = suspects.get(high[i]);
        if (firstByLow != null && firstByLow.putIfAbsent(low[i], place[i]) != null) {
          duplicates.add(place[i]);
        }
      }
      return duplicates;
    }
  }
}
