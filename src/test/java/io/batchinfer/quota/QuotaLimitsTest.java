package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaLimitsTest {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @ParameterizedTest
  @CsvSource({"0,0,0", "0,7,7", "7,0,7", "7,9,7", "9,7,7"})
  void ofTwoLimitsTheSmallerHoldsAndNoneIsTheLargest(int one, int other, int both) {
    QuotaLimits smallest =
        new QuotaLimits(one, 10L * one, 100L * one, PATIENCE)
            .smallest(new QuotaLimits(other, 10L * other, 100L * other, PATIENCE));

    assertThat(smallest).isEqualTo(new QuotaLimits(both, 10L * both, 100L * both, PATIENCE));
    assertThat(smallest.isAdaptive()).isEqualTo(both == 0);
  }

  @ParameterizedTest
  @CsvSource({"60,30,30", "30,60,30", "30,30,30"})
  void theShorterPatienceHolds(long one, long other, long both) {
    assertThat(
            new QuotaLimits(1, 0, 0, Duration.ofSeconds(one))
                .smallest(new QuotaLimits(1, 0, 0, Duration.ofSeconds(other)))
                .maxCoolDown())
        .isEqualTo(Duration.ofSeconds(both));
  }

  @Test
  void limitsAreNotNegative() {
    assertThatThrownBy(() -> new QuotaLimits(-1, 0, 0, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QuotaLimits(0, -1, 0, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new QuotaLimits(0, 0, -1, PATIENCE))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
