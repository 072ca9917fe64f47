package io.batchinfer.spark;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.run.Task;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import scala.Tuple2;

/** Answers as Spark's shuffle carries them. For one thread. */
final class AnswerPairs<T> implements Iterator<Tuple2<Long, byte[]>> {
  private final Iterator<T> items;
  private final Task<T, Iterator<CopiedAnswer>> read;
  private Iterator<CopiedAnswer> now = Collections.emptyIterator();

  /**
   * Those of a task.
   *
   * @param read reads the answers of an item
   */
  AnswerPairs(Iterator<T> items, Task<T, Iterator<CopiedAnswer>> read) {
    this.items = items;
    this.read = read;
  }

  @Override
  public boolean hasNext() {
    while (!now.hasNext() && items.hasNext()) {
      try {
        now = read.call(items.next(), TaskOnSpark.HERE);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("The task was ended", e);
      }
    }
    return now.hasNext();
  }

  @Override
  public Tuple2<Long, byte[]> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    CopiedAnswer answer = now.next();
    return new Tuple2<>(answer.key(), answer.content());
  }

  /** The answers that pairs carry. */
  static Iterator<CopiedAnswer> answers(Iterator<Tuple2<Long, byte[]>> pairs) {
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return pairs.hasNext();
      }

      @Override
      public CopiedAnswer next() {
        Tuple2<Long, byte[]> pair = pairs.next();
        return CopiedAnswer.of(pair._1(), pair._2());
      }
    };
  }
}
