package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoreWaitTest {
  private final VirtualTime time = new VirtualTime();
  private final List<String> notices = new ArrayList<>();

  private StoreWait begin() {
    return new StoreWait(time, "s3a://lake/out", notices::add);
  }

  @Test
  void whoWaitsForAStoreHearsOfIt() {
    try (StoreWait waiting = begin()) {
      time.advance(Duration.ofSeconds(25));
    }

    assertThat(notices)
        .containsExactly(
            "Still waiting for the store of \"s3a://lake/out\": no answer for 10 s.",
            "Still waiting for the store of \"s3a://lake/out\": no answer for 20 s.");
  }

  @Test
  void aStoreThatAnsweredIsNotSpokenOf() {
    begin().close();
    time.advance(Duration.ofMinutes(1));

    assertThat(notices).isEmpty();
  }
}
