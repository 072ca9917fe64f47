package io.batchinfer.engine.copies;

import io.batchinfer.engine.copies.EqualGroup.Place;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.PartCursor;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.Split;
import io.batchinfer.row.RecordedOutcome;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Brings the ends of rows of published splits to the rows that are equal to them. A success is
 * everybody's, and so is a failure that is the request's own. Where the attempt failed, the next of
 * the equal rows is sent, and how that one ends is everybody's.
 */
public final class EqualAnswers {
  /** Refusals that say nothing of the request: who asks, when, and how often. */
  private static final Set<Integer> OF_THE_MOMENT = Set.of(401, 402, 403, 408, 409, 423, 425, 429);

  private final JobFolder folder;
  private final Plan plan;
  private final RowKey keys;
  private final BitSet waiting;
  private final boolean sendTheRest;
  private final PlacedRows places;

  /**
   * @param waiting splits with rows that wait
   * @param sendTheRest whether whoever gets no answer now is to be sent
   */
  public EqualAnswers(
      JobFolder folder, Plan plan, RowKey keys, BitSet waiting, boolean sendTheRest) {
    this.folder = folder;
    this.plan = plan;
    this.keys = keys;
    this.waiting = waiting;
    this.sendTheRest = sendTheRest;
    this.places = new PlacedRows(plan);
  }

  /** What rows of those splits have for others. */
  public Iterator<CopiedAnswer> of(Iterator<Integer> splits) {
    return new AnswersOfSplits(splits, number -> open(plan.splits().get(number)));
  }

  private @Nullable SplitAnswers open(Split split) {
    NavigableMap<Integer, EqualGroup> led = new TreeMap<>();
    for (EqualGroup group : EqualGroup.in(folder.store(), folder.equalGroups(split.unit()))) {
      int line = group.leader() - split.unitLine();
      if (line >= 0 && line < split.lines() && !waiting(group.followers()).isEmpty()) {
        led.put(line, group);
      }
    }
    return led.isEmpty() ? null : new SplitAnswers(split, led);
  }

  /** Keys of those rows whose splits have rows that wait. */
  private List<Long> waiting(List<Place> followers) {
    List<Long> rows = new ArrayList<>();
    for (Place place : followers) {
      OptionalLong key = places.keyOf(place);
      if (key.isPresent() && waiting.get(CopiedAnswer.splitOf(key.getAsLong()))) {
        rows.add(key.getAsLong());
      }
    }
    return rows;
  }

  private final class SplitAnswers implements AnswersOfSplits.Source {
    private final Iterator<EqualGroup> groups;
    private final int firstLine;
    private final PartCursor results;
    private final PartCursor errors;

    SplitAnswers(Split split, NavigableMap<Integer, EqualGroup> led) {
      this.groups = led.values().iterator();
      this.firstLine = split.unitLine();
      int splits = plan.splits().size();
      this.results =
          new PartCursor(folder.store(), keys, split, folder.resultPart(split.index(), splits));
      this.errors =
          new PartCursor(folder.store(), keys, split, folder.errorPart(split.index(), splits));
    }

    @Override
    public boolean next(Deque<CopiedAnswer> ready) {
      if (!groups.hasNext()) {
        return false;
      }
      EqualGroup group = groups.next();
      int line = group.leader() - firstLine;
      results.advanceTo(line);
      errors.advanceTo(line);
      if (results.line() == line) {
        ended(group, results.row(), ready);
      } else if (errors.line() == line) {
        ended(group, errors.row(), ready);
      } else if (sendTheRest) {
        waiting(group.followers()).forEach(key -> ready.add(CopiedAnswer.toSend(key)));
      }
      return true;
    }

    private void ended(EqualGroup group, byte[] line, Deque<CopiedAnswer> ready) {
      RecordedOutcome recorded = RecordedOutcome.read(line, "");
      if (!group.first() && recorded.isCopy()) {
        // Whoever it has its answer from gives it to the others too.
        return;
      }
      List<Long> others = waiting(group.followers());
      if (!group.first() || isEverybodys(recorded.outcome())) {
        others.forEach(key -> ready.add(new CopiedAnswer(key, "", line)));
      } else if (sendTheRest) {
        others.forEach(key -> ready.add(CopiedAnswer.toSend(key)));
      } else {
        // The second alone: where it has ended since, it leads the others.
        waiting(group.followers().subList(0, 1))
            .forEach(key -> ready.add(CopiedAnswer.toSend(key)));
      }
    }

    @Override
    public void close() {
      results.close();
      errors.close();
    }
  }

  /** Whether asking again would end in the same way. */
  private static boolean isEverybodys(RowOutcome outcome) {
    if (outcome instanceof Answered answered) {
      return answered.isSuccess()
          || (answered.status() >= 400
              && answered.status() < 500
              && !OF_THE_MOMENT.contains(answered.status()));
    }
    return outcome instanceof Unfit
        || (outcome instanceof Unanswered unanswered && unanswered.code().isOfTheRequest());
  }
}
