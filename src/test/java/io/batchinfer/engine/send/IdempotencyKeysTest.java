package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.model.RowId;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The key by which a provider tells a repeat from a new request. */
class IdempotencyKeysTest {
  private static String key(String seed, RowId row, int round) {
    return Objects.requireNonNull(
        new IdempotencyKeys(seed).headers(row, round).get(OutboundRequest.IDEMPOTENCY_KEY));
  }

  @Test
  void aRowKeepsItsKeyOverAttemptsAndRuns() {
    IdempotencyKeys keys = new IdempotencyKeys("job-1");
    RowId row = new RowId(2, 7);

    assertThat(keys.headers(row, 0)).isEqualTo(keys.headers(row, 0)).hasSize(1);
    assertThat(key("job-1", row, 0))
        .isEqualTo(keys.headers(row, 0).get(OutboundRequest.IDEMPOTENCY_KEY));
  }

  @Test
  void whateverAsksForANewAnswerHasAKeyOfItsOwn() {
    Set<String> keys = new HashSet<>();
    for (String seed : new String[] {"job-1", "job-2"}) {
      for (int file = 0; file < 3; file++) {
        for (int line = 1; line < 4; line++) {
          for (int round = 0; round < 3; round++) {
            keys.add(key(seed, new RowId(file, line), round));
          }
        }
      }
    }

    assertThat(keys).hasSize(2 * 3 * 3 * 3);
  }

  @Test
  void whereTheProviderHonoursNoneNoneIsSent() {
    assertThat(new IdempotencyKeys("").headers(new RowId(0, 1), 0)).isEmpty();
  }
}
