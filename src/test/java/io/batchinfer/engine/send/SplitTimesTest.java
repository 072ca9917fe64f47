package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.RowSketch.Answers;
import io.batchinfer.course.RowSketch.SlowRow;
import org.junit.jupiter.api.Test;

class SplitTimesTest {
  private static final long MILLI = 1_000_000;

  @Test
  void theSlowestRowsAreKeptInWhateverOrderTheyCome() {
    SplitTimes times = new SplitTimes();
    for (int i = 0; i < 1000; i++) {
      long took = i * 7919L % 1000;
      times.row("row-" + took, 1, 50 * MILLI, (50 + took) * MILLI);
    }

    assertThat(times.slowest())
        .extracting(SlowRow::customId)
        .containsExactlyInAnyOrder(
            "row-999", "row-998", "row-997", "row-996", "row-995", "row-994", "row-993", "row-992",
            "row-991", "row-990");
    assertThat(times.all()).isEqualTo(new Answers(1000, 999 * 1000 / 2));
    assertThat(times.latencies()).satisfies(counts -> assertThat(counts[0]).isEqualTo(2));
    assertThat(times.millis()).isEqualTo(999);
  }

  @Test
  void aSplitOfWhichNothingWasSentTookNoTime() {
    SplitTimes times = new SplitTimes();

    assertThat(times.millis()).isZero();
    assertThat(times.all()).isEqualTo(new Answers(0, 0));
    assertThat(times.slowest()).isEmpty();
  }

  @Test
  void ofRowsThatTookEquallyLongTheFirstAreKept() {
    SplitTimes times = new SplitTimes();
    for (int i = 0; i < 11; i++) {
      times.row("row-" + i, 1, 0, MILLI);
    }

    assertThat(times.slowest()).extracting(SlowRow::customId).hasSize(10).doesNotContain("row-10");
  }

  @Test
  void aSplitLastsFromItsFirstBeginningToItsLastEnd() {
    SplitTimes times = new SplitTimes();
    times.row(null, 3, 50 * MILLI, 60 * MILLI);
    times.row("b", 1, 20 * MILLI, 90 * MILLI);
    times.row("c", 1, 30 * MILLI, 40 * MILLI);

    assertThat(times.millis()).isEqualTo(70);
    assertThat(times.slowest())
        .contains(new SlowRow("", 10, 3), new SlowRow("b", 70, 1), new SlowRow("c", 10, 1));
    assertThat(times.all()).isEqualTo(new Answers(3, 90));
  }
}
