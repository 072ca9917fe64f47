package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class PermitsTest {
  private static final long MILLI = 1_000_000L;

  private final Permits permits = new Permits();

  @Test
  void eachIsForItsOwnMoment() {
    permits.add(100 * MILLI, 7);
    permits.add(200 * MILLI, 9);

    assertThat(permits.next(0)).isEqualTo(100 * MILLI);
    assertThat(permits.take()).isEqualTo(7);
    assertThat(permits.next(0)).isEqualTo(200 * MILLI);
    assertThat(permits.size()).isOne();
    assertThat(permits.take()).isEqualTo(9);
    assertThat(permits.next(0)).as("none is left").isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void oneThatIsLateByMoreThanAMomentLapsesAndItsTokensGoBack() {
    permits.add(100 * MILLI, 7);
    permits.add(200 * MILLI, 9);

    assertThat(permits.next(150 * MILLI)).as("just in time").isEqualTo(100 * MILLI);
    assertThat(permits.receivedTokens()).isEqualTo(16);

    assertThat(permits.next(150 * MILLI + 1)).isEqualTo(200 * MILLI);
    assertThat(permits.size()).isOne();
    assertThat(permits.receivedTokens()).isEqualTo(9);
  }

  @Test
  void whatWasSpentStaysReceivedWhenTheRestGoesBack() {
    for (long tokens : List.of(7L, 9L, 11L)) {
      permits.add(0, tokens);
    }
    permits.take();

    permits.giveBackAll();

    assertThat(permits.size()).isZero();
    assertThat(permits.next(0)).isEqualTo(Long.MAX_VALUE);
    assertThat(permits.receivedTokens()).isEqualTo(7);
  }
}
