package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What came from each replica since somebody asked last. */
class AnswerTimesTest {
  private static final OutboundRequest REQUEST =
      new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1);

  private final List<String> told = new ArrayList<>();
  private final AnswerTimes times =
      new AnswerTimes((replica, request, attempt, nanos) -> told.add(replica + " " + nanos));

  private void attempted(String replica, StatusMeaning meaning, Duration took) {
    times.attempted(
        replica, REQUEST, new Attempt(meaning, null, null, null, Optional.empty()), took.toNanos());
  }

  @Test
  void answersAreCountedByReplicaAndTakenOnce() {
    attempted("a", StatusMeaning.ANSWERED, Duration.ofMillis(300));
    attempted("a", StatusMeaning.ANSWERED, Duration.ofMillis(200));
    attempted("b", StatusMeaning.ANSWERED, Duration.ofMillis(5));
    attempted("c", StatusMeaning.of(503, ReplyFacts.NOT_JSON), Duration.ofMillis(7));

    assertThat(times.take())
        .containsOnly(Map.entry("a", new Answers(2, 500)), Map.entry("b", new Answers(1, 5)));
    assertThat(times.take()).isEmpty();
    attempted("a", StatusMeaning.ANSWERED, Duration.ofMillis(1));
    assertThat(times.take()).containsOnly(Map.entry("a", new Answers(1, 1)));
  }

  @Test
  void everyAttemptIsPassedOn() {
    attempted("a", StatusMeaning.ANSWERED, Duration.ofNanos(3));
    attempted("c", StatusMeaning.of(503, ReplyFacts.NOT_JSON), Duration.ofNanos(4));

    assertThat(told).containsExactly("a 3", "c 4");
  }
}
