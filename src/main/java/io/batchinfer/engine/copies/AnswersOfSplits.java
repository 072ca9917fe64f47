package io.batchinfer.engine.copies;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * What the rows of splits have for others, one after the other. Reads on while it is asked on, and
 * holds one answer at a time. For one thread.
 */
final class AnswersOfSplits implements Iterator<CopiedAnswer> {
  /** What the rows of one split have for others. */
  interface Source extends AutoCloseable {
    /** Adds what the next row has; false when there is none left. */
    boolean next(Deque<CopiedAnswer> ready);

    @Override
    void close();
  }

  private final Iterator<Integer> splits;
  private final IntFunction<@Nullable Source> sources;
  private final Deque<CopiedAnswer> ready = new ArrayDeque<>();
  private @Nullable Source current;

  /**
   * @param sources opens a split; null for one whose rows have nothing for others
   */
  AnswersOfSplits(Iterator<Integer> splits, IntFunction<@Nullable Source> sources) {
    this.splits = splits;
    this.sources = sources;
  }

  @Override
  public boolean hasNext() {
    while (ready.isEmpty()) {
      Source open = current;
      if (open != null && open.next(ready)) {
        continue;
      }
      if (open != null) {
        open.close();
        current = null;
      }
      if (!splits.hasNext()) {
        return false;
      }
      current = sources.apply(splits.next());
    }
    return true;
  }

  @Override
  public CopiedAnswer next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return ready.remove();
  }
}
