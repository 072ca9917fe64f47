package io.batchinfer.engine.copies;

import io.batchinfer.engine.copies.GroupFiles.ByUnit;
import io.batchinfer.job.JobFolder;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds rows of a job that a row of an earlier output is equal to, one bucket of the hash space at
 * a time. Writes for each unit of the earlier job which of its rows has what others ask.
 */
public final class ReusableRows {
  /** Of equal rows in one earlier output: one may have failed where another has an answer. */
  private static final int MOST_OF_A_KIND = 2;

  private final JobFolder folder;
  private final int units;

  /**
   * @param units scan units of the job that is to be answered
   */
  public ReusableRows(JobFolder folder, int units) {
    this.folder = folder;
    this.units = units;
  }

  /**
   * Writes what is found of a bucket.
   *
   * @param earlier folder of the earlier job
   * @param number of that job among all that are looked at
   * @param earlierUnits its scan units
   * @return how many rows of the job are equal to one of the earlier
   */
  public long find(HashBucket bucket, JobFolder earlier, int number, int earlierUnits) {
    HashedRows rows = rows(bucket);
    ByUnit groups = new ByUnit();
    Map<Long, Integer> taken = new HashMap<>();
    long[] found = {0};
    for (int unit = 0; unit < earlierUnits; unit++) {
      int current = unit;
      RowHashes.read(
          earlier.store(),
          earlier.rowHashes(unit),
          (high, low, line, determined) -> {
            if (!bucket.holds(high)) {
              return;
            }
            List<Long> places = rows.placesOf(high, low);
            if (!places.isEmpty()) {
              int before = taken.merge(places.get(0), 1, Integer::sum) - 1;
              if (before < MOST_OF_A_KIND) {
                groups.addGroup(GroupFiles.place(current, line), before == 0, places);
                found[0] += before == 0 ? places.size() : 0;
              }
            }
          });
    }
    new GroupFiles(folder.store(), bucket.number())
        .write(groups, unit -> folder.reusableGroups(number, unit), "groups");
    return found[0];
  }

  private HashedRows rows(HashBucket bucket) {
    HashedRows rows = new HashedRows();
    for (int unit = 0; unit < units; unit++) {
      int current = unit;
      BitSet unsent = folder.duplicateLines(unit);
      RowHashes.read(
          folder.store(),
          folder.rowHashes(unit),
          (high, low, line, determined) -> {
            if (bucket.holds(high) && !unsent.get(line)) {
              rows.add(high, low, GroupFiles.place(current, line));
            }
          });
    }
    rows.sort();
    return rows;
  }
}
