package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private final AtomicInteger slots = new AtomicInteger(4);
  private final AtomicBoolean succeeded = new AtomicBoolean();

  private ReadAhead configured(int concurrency) {
    return new ReadAhead(slots::get, succeeded::get, concurrency, 1);
  }

  @Test
  void allThatIsConfiguredIsReadWhileTheFirstRequestsAreUnderWay() {
    assertThat(configured(512).getAsInt()).isEqualTo(2 * 512 + 64);
  }

  @Test
  void afterTheFirstSuccessTheSlotsOfThisProcessDecide() {
    ReadAhead rows = configured(100_000);
    succeeded.set(true);
    slots.set(500);

    assertThat(rows.getAsInt()).isEqualTo(2 * 500 + 64);
    succeeded.set(false);
    assertThat(rows.getAsInt()).isEqualTo(2 * 500 + 64);
  }

  @Test
  void whereNobodyKnowsAFewAreReadAndMoreWithEverySlot() {
    ReadAhead rows = configured(0);

    assertThat(rows.getAsInt()).isEqualTo(256);
    slots.set(300);
    assertThat(rows.getAsInt()).isEqualTo(2 * 300 + 64);
  }

  @Test
  void anyNumberOfSlotsWillDo() {
    slots.set(Integer.MAX_VALUE);

    assertThat(configured(0).getAsInt()).isEqualTo(Integer.MAX_VALUE);
  }

  @Test
  void whereRequestsHoldSeveralRowsAsManyMoreAreRead() {
    slots.set(300);

    assertThat(new ReadAhead(slots::get, succeeded::get, 0, 64).getAsInt())
        .isEqualTo((2 * 300 + 64) * 64);
    assertThat(new ReadAhead(() -> 1 << 20, succeeded::get, 0, 2048).getAsInt())
        .isEqualTo(Integer.MAX_VALUE);
  }
}
