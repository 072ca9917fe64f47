package io.batchinfer.compare;

import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.storage.LocalTasks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An output as far as it is published.
 *
 * @param parts what the published splits hold, by split; of a split that was reopened only what was
 *     published since
 */
public record ComparedOutput(
    JobFolder folder, JobRecord job, Plan plan, Map<Integer, PartCounts> parts) {
  private static final int READERS = 8;

  /** Looks at an output. A job that runs meanwhile changes nothing that is found. */
  public static ComparedOutput of(JobFolder folder, JobRecord job, Plan plan) {
    Map<Integer, ReopenedSplit> reopened =
        folder.readReopening().map(Reopening::splits).map(Map::copyOf).orElse(Map.of());
    List<Integer> committed = folder.commits().splits();
    List<Optional<PartCounts>> counts =
        new LocalTasks(READERS).map(committed, folder.commits()::read);
    Map<Integer, PartCounts> parts = new TreeMap<>();
    for (int i = 0; i < committed.size(); i++) {
      int split = committed.get(i);
      Optional<ReopenedSplit> again = Optional.ofNullable(reopened.get(split));
      counts
          .get(i)
          .filter(part -> again.map(ReopenedSplit::round).orElse(0) <= part.round())
          .ifPresent(part -> parts.put(split, part));
    }
    return new ComparedOutput(folder, job, plan, parts);
  }

  /** Whether every row is there. */
  public boolean isWhole() {
    return rows() == plan.rows();
  }

  /** Rows that are there. */
  public long rows() {
    return counts().settled();
  }

  /** What the rows that are there add up to. */
  public Counts counts() {
    return parts.values().stream().map(PartCounts::counts).reduce(Counts.ZERO, Counts::plus);
  }

  String part(ComparedRow.Place place) {
    int splits = plan.splits().size();
    return place.result()
        ? folder.resultPart(place.split(), splits)
        : folder.errorPart(place.split(), splits);
  }
}
