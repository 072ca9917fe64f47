package io.batchinfer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.WorkerMessage.Kind;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WorkerMessageTest {
  @ParameterizedTest
  @EnumSource
  void aMessageOfEveryKindArrivesAsItWasSent(Kind kind) {
    for (byte[] payload : new byte[][] {{}, {0}, {1, -1, 127}, new byte[1 << 16]}) {
      for (int split : new int[] {-1, 0, Integer.MAX_VALUE}) {
        WorkerMessage sent =
            new WorkerMessage(kind, "token", "session", "w\u00f6rker", split, payload);

        WorkerMessage received = WorkerMessage.decode(sent.encode());

        assertThat(received).usingRecursiveComparison().isEqualTo(sent);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aMessageShowsNeitherItsTokenNorItsPayload(Kind kind) {
    WorkerMessage message =
        new WorkerMessage(
            kind, "the-token", "x1", "w1", 3, "the-key".getBytes(StandardCharsets.US_ASCII));

    assertThat(message.toString()).contains("x1", "3").doesNotContain("the-token", "the-key");
  }
}
