package io.batchinfer.engine.copies;

import io.batchinfer.config.Dedupe;
import io.batchinfer.engine.copies.GroupFiles.ByUnit;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.EqualRowCounts;
import java.util.BitSet;
import java.util.List;

/**
 * Finds rows that ask the same of the same endpoint, over all units, one bucket of the hash space
 * at a time. Needs memory for one bucket only. The first of equal rows, in input order, leads the
 * others; rows that are never sent are not among them.
 */
public final class EqualRowFinder {
  private final JobFolder folder;
  private final Dedupe dedupe;

  /**
   * @param dedupe which equal rows are looked for
   */
  public EqualRowFinder(JobFolder folder, Dedupe dedupe) {
    this.folder = folder;
    this.dedupe = dedupe;
  }

  /**
   * Writes the equal rows of a bucket that are to have one answer, per unit, and returns how many
   * rows have a leader before them.
   */
  public EqualRowCounts find(HashBucket bucket, int units) {
    HashedRows rows = new HashedRows();
    // Whether an answer is a function of its request is one: equal rows are all among the same.
    HashedRows sent = new HashedRows();
    for (int unit = 0; unit < units; unit++) {
      int current = unit;
      BitSet unsent = folder.duplicateLines(unit);
      RowHashes.read(
          folder.store(),
          folder.rowHashes(unit),
          (high, low, line, determined) -> {
            if (bucket.holds(high) && !unsent.get(line)) {
              (isLookedFor(determined) ? rows : sent)
                  .add(high, low, GroupFiles.place(current, line));
            }
          });
    }
    rows.sort();
    sent.sort();
    Found found = new Found();
    rows.eachGroup(found::add);
    GroupFiles files = new GroupFiles(folder.store(), bucket.number());
    files.write(found.followers, folder::equalRows, "lines");
    files.write(found.groups, folder::equalGroups, "groups");
    return new EqualRowCounts(found.count, followers(sent));
  }

  private boolean isLookedFor(boolean determined) {
    return dedupe == Dedupe.ON || (dedupe == Dedupe.AUTO && determined);
  }

  private static long followers(HashedRows rows) {
    long[] count = {0};
    rows.eachGroup(places -> count[0] += places.size() - 1);
    return count[0];
  }

  /** What is to be written of a bucket. */
  private static final class Found {
    private final ByUnit followers = new ByUnit();
    private final ByUnit groups = new ByUnit();
    private long count;

    /** Takes the places of equal rows, in input order. */
    void add(List<Long> places) {
      List<Long> others = places.subList(1, places.size());
      groups.addGroup(places.get(0), true, others);
      if (others.size() > 1) {
        // Leads the rest where the first one is no help.
        groups.addGroup(others.get(0), false, others.subList(1, others.size()));
      }
      others.forEach(followers::addLine);
      count += others.size();
    }
  }
}
