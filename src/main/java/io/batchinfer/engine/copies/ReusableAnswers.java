package io.batchinfer.engine.copies;

import io.batchinfer.engine.copies.EqualGroup.Place;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.PartCursor;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.Deque;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Brings answers of an earlier output, which is only read, to the rows that ask the same. */
public final class ReusableAnswers {
  private final JobFolder folder;
  private final PlacedRows places;
  private final EarlierOutput earlier;

  /**
   * @param plan of the job that is to be answered
   */
  public ReusableAnswers(JobFolder folder, Plan plan, EarlierOutput earlier) {
    this.folder = folder;
    this.places = new PlacedRows(plan);
    this.earlier = earlier;
  }

  /**
   * An output of another job.
   *
   * @param number among all that are looked at
   * @param keys make the ids of its lines
   */
  public record EarlierOutput(int number, JobFolder folder, Plan plan, RowKey keys) {}

  /** What published splits of the earlier job have. */
  public Iterator<CopiedAnswer> of(Iterator<Integer> splits) {
    return new AnswersOfSplits(splits, number -> open(earlier.plan().splits().get(number)));
  }

  private @Nullable Answers open(Split split) {
    NavigableMap<Integer, EqualGroup> found = new TreeMap<>();
    String path = folder.reusableGroups(earlier.number(), split.unit());
    for (EqualGroup group : EqualGroup.in(folder.store(), path)) {
      int line = group.leader() - split.unitLine();
      if (line >= 0 && line < split.lines()) {
        found.put(line, group);
      }
    }
    return found.isEmpty() ? null : new Answers(split, found);
  }

  private final class Answers implements AnswersOfSplits.Source {
    private final Iterator<EqualGroup> groups;
    private final int firstLine;
    private final PartCursor results;

    Answers(Split split, NavigableMap<Integer, EqualGroup> found) {
      this.groups = found.values().iterator();
      this.firstLine = split.unitLine();
      JobFolder theirs = earlier.folder();
      this.results =
          new PartCursor(
              theirs.store(),
              earlier.keys(),
              split,
              theirs.resultPart(split.index(), earlier.plan().splits().size()));
    }

    @Override
    public boolean next(Deque<CopiedAnswer> ready) {
      if (!groups.hasNext()) {
        return false;
      }
      EqualGroup group = groups.next();
      int line = group.leader() - firstLine;
      results.advanceTo(line);
      if (results.line() == line) {
        byte[] answer = results.row();
        for (Place place : group.followers()) {
          OptionalLong key = places.keyOf(place);
          if (key.isPresent()) {
            ready.add(new CopiedAnswer(key.getAsLong(), earlier.folder().root(), answer));
          }
        }
      }
      return true;
    }

    @Override
    public void close() {
      results.close();
    }
  }
}
