package io.batchinfer.engine.lead;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.FailedRows;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Finds which rows of published splits run again, and keeps the intent. */
public final class Reopenings {
  private final JobFolder folder;
  private final RowsAgain again;
  private final Optional<Reopening> underWay;
  private final SortedMap<Integer, ReopenedSplit> unfinished = new TreeMap<>();
  private final SortedMap<Integer, PartCounts> candidates = new TreeMap<>();

  public Reopenings(JobFolder folder, RowsAgain again) {
    this.folder = folder;
    this.again = again;
    this.underWay = folder.readReopening();
    underWay.ifPresent(reopening -> unfinished.putAll(reopening.splits()));
    for (int split : folder.commits().splits()) {
      folder.commits().read(split).ifPresent(part -> consider(split, part));
    }
  }

  private void consider(int split, PartCounts part) {
    ReopenedSplit reopened = unfinished.get(split);
    if (reopened == null || part.round() >= reopened.round()) {
      unfinished.remove(split);
      if (isWorthALook(part.counts())) {
        candidates.put(split, part);
      }
    }
  }

  private boolean isWorthALook(Counts counts) {
    return switch (again) {
      case FAILED -> counts.failed() > 0;
      case CLOSED ->
          Stream.of(ErrorCode.values())
              .anyMatch(code -> code.isProvisional() && counts.errors().containsKey(code.code()));
      // They wait until all others have their answers.
      case WAITING -> false;
    };
  }

  /** Published splits that may have rows to run again: their error parts are to be read. */
  public List<Integer> candidates() {
    return List.copyOf(candidates.keySet());
  }

  /**
   * What a candidate is when its rows are reopened, as {@link #begin} takes it; empty where it has
   * no such row.
   */
  public static Optional<byte[]> examine(
      JobFolder folder, Plan plan, RowKey keys, int number, RowsAgain again, long epoch) {
    Split split = plan.splits().get(number);
    PartCounts part = folder.commits().read(number).orElseThrow();
    FailedRows rows =
        FailedRows.read(
            folder.store(), keys, split, folder.errorPart(number, plan.splits().size()), again);
    return rows.open().isEmpty()
        ? Optional.empty()
        : Optional.of(
            ReopeningJson.writeSplit(
                new ReopenedSplit(part.round() + 1, epoch, again, rows.keptOf(part.counts()))));
  }

  /**
   * Writes the intent, unless there is nothing new to reopen. From then on the job is unfinished,
   * and every run goes on with it.
   *
   * @param examined reopened splits by number
   * @param since when the job's time begins to run
   * @return all splits of which rows are to run again
   */
  public SortedMap<Integer, ReopenedSplit> begin(
      SortedMap<Integer, ReopenedSplit> examined, Instant since) {
    SortedMap<Integer, ReopenedSplit> all = new TreeMap<>(unfinished);
    all.putAll(examined);
    if (!examined.isEmpty()) {
      folder.writeReopening(new Reopening(since, all));
    }
    return all;
  }

  /** When the time of the reopening that is under way began to run. */
  public Optional<Instant> since() {
    return underWay.map(Reopening::since);
  }
}
