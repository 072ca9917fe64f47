package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RecentReportTest {
  private final AtomicLong now = new AtomicLong();
  private final AtomicInteger made = new AtomicInteger();
  private final RecentReport report =
      new RecentReport(
          () -> {
            pass(Duration.ofSeconds(1));
            return new byte[] {(byte) made.incrementAndGet()};
          },
          now::get);

  private void pass(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void itIsMadeAnewOnceAsMuchTimeHasPassedAsIsFair() {
    assertThat(report.get()).containsExactly(1);
    pass(Duration.ofSeconds(8));
    assertThat(report.get()).containsExactly(1);
    pass(Duration.ofSeconds(1));
    assertThat(report.get()).containsExactly(2);
  }
}
