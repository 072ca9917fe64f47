package io.batchinfer.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SaturatingTest {
  private static final long MOST = Long.MAX_VALUE;

  @ParameterizedTest
  @CsvSource({
    "1, 2, 3",
    "9223372036854775807, 0, 9223372036854775807",
    "9223372036854775807, 1, 9223372036854775807",
    "9223372036854775807, 9223372036854775807, 9223372036854775807",
    "-9223372036854775808, -1, -9223372036854775808",
    "-5, 9223372036854775807, 9223372036854775802"
  })
  void aSumStaysAtTheNearestNumber(long a, long b, long sum) {
    assertThat(Saturating.sum(a, b)).isEqualTo(sum);
    assertThat(Saturating.sum(b, a)).isEqualTo(sum);
  }

  @Test
  void totalsNeverTurnNegative() {
    Usage usage = new Usage(MOST, MOST, MOST, MOST).at(new Cost(MOST, MOST));
    MarkCounts marks = new MarkCounts(MOST, MOST, MOST);
    Counts counts =
        new Counts(new RowCounts(MOST, MOST), new Spent(MOST, MOST, usage), marks, new TreeMap<>());

    Counts twice = counts.plus(counts);

    assertThat(twice).isEqualTo(counts);
    assertThat(twice.usage().total()).isEqualTo(MOST);
    assertThat(twice.settled()).isEqualTo(MOST);
  }
}
