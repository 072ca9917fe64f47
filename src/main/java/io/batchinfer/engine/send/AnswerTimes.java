package io.batchinfer.engine.send;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.AttemptObserver;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.policy.StatusMeaning;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many answers came from each replica, and how long these took, since somebody asked last.
 * Thread-safe.
 */
final class AnswerTimes implements AttemptObserver {
  private final AttemptObserver next;
  private final Map<String, Sum> replicas = new ConcurrentHashMap<>();

  /** Of one replica. */
  private static final class Sum {
    private final LongAdder answers = new LongAdder();
    private final LongAdder nanos = new LongAdder();
  }

  /**
   * @param next is told of every attempt as well
   */
  AnswerTimes(AttemptObserver next) {
    this.next = next;
  }

  @Override
  public void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {
    if (attempt.meaning() == StatusMeaning.ANSWERED) {
      Sum sum = replicas.get(replica);
      if (sum == null) {
        sum = replicas.computeIfAbsent(replica, unused -> new Sum());
      }
      sum.answers.increment();
      sum.nanos.add(nanos);
    }
    next.attempted(replica, request, attempt, nanos);
  }

  /** What came since this was called last. */
  SortedMap<String, Answers> take() {
    SortedMap<String, Answers> taken = new TreeMap<>();
    replicas.forEach(
        (replica, sum) -> {
          long answers = sum.answers.sumThenReset();
          if (answers > 0) {
            taken.put(replica, new Answers(answers, sum.nanos.sumThenReset() / 1_000_000));
          }
        });
    return taken;
  }
}
