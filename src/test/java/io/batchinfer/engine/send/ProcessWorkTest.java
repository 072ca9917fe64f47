package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Usage;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.Totals;
import org.junit.jupiter.api.Test;

class ProcessWorkTest {
  private static ProcessReading settled(long rows, int inFlight) {
    return new ProcessReading(
        Totals.NOTHING.plus(new Totals(new long[0], 0, Usage.NONE, new Progress(rows, 0, 0, 0, 0))),
        inFlight,
        0);
  }

  @Test
  void whatARunBroughtStaysWhenItEnds() throws Exception {
    ProcessWork work = new ProcessWork();
    AutoCloseable first = work.add(() -> settled(3, 1));
    AutoCloseable second = work.add(() -> settled(40, 2));
    assertThat(work.reading().totals().progress().settled()).isEqualTo(43);
    assertThat(work.reading().inFlight()).isEqualTo(3);

    first.close();
    first.close();
    assertThat(work.reading().totals().progress().settled()).isEqualTo(43);
    assertThat(work.reading().inFlight()).isEqualTo(2);

    second.close();
    assertThat(work.reading().totals().progress().settled()).isEqualTo(43);
    assertThat(work.reading().inFlight()).isZero();
  }

  @Test
  void theReadingOfThisProcessIsOfAllItsRuns() throws Exception {
    ProcessReading before = ProcessWork.here();
    try (AutoCloseable run = ProcessWork.HERE.add(() -> settled(3, 1))) {
      assertThat(run).isNotNull();
      assertThat(ProcessWork.here().totals().progress().settled())
          .isEqualTo(before.totals().progress().settled() + 3);
    }
  }
}
