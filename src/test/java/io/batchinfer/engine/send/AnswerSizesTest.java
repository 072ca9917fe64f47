package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How large an answer usually is. */
class AnswerSizesTest {
  private static final long FIRST = 16 << 10;
  private static final long KB = 1 << 10;

  private final AnswerSizes sizes = new AnswerSizes();

  private void add(int times, long bytes) {
    for (int i = 0; i < times; i++) {
      sizes.add(bytes);
    }
  }

  @Test
  void smallAnswersCountAsTheFirstGuess() {
    assertThat(sizes.usual()).isEqualTo(FIRST);
    add(100, 1);
    assertThat(sizes.usual()).isEqualTo(FIRST);
  }

  @Test
  void oneOfTenMayBeLargerInWhateverOrderTheyCome() {
    add(1, 900 * KB);
    for (int kilobytes = 129; kilobytes > 100; kilobytes--) {
      add(1, kilobytes * KB);
    }
    add(2, 99 * KB);
    // 32 of them: the three largest may be larger.
    assertThat(sizes.usual()).isEqualTo(127 * KB);
  }

  @Test
  void theFirstAnswersCountAtOnceAndLaterOnesEightAtATime() {
    for (long i = 1; i <= 8; i++) {
      add(1, i * 100 * KB);
      assertThat(sizes.usual()).isEqualTo(i * 100 * KB);
    }
    add(7, 3_000 * KB);
    assertThat(sizes.usual()).isEqualTo(800 * KB);
    add(1, 3_000 * KB);
    assertThat(sizes.usual()).isEqualTo(3_000 * KB);
  }

  @Test
  void onlyRecentAnswersCount() {
    add(64, 900 * KB);
    assertThat(sizes.usual()).isEqualTo(900 * KB);
    add(64, 20 * KB);
    assertThat(sizes.usual()).isEqualTo(20 * KB);
  }

  @Test
  void whatIsAnnouncedCountsUntilAnAnswerHasCome() {
    sizes.announced(5);
    assertThat(sizes.usual()).isEqualTo(FIRST);
    sizes.announced(700 * KB);
    assertThat(sizes.usual()).isEqualTo(700 * KB);
    sizes.announced(600 * KB);
    assertThat(sizes.usual()).isEqualTo(700 * KB);

    add(1, 50 * KB);
    assertThat(sizes.usual()).isEqualTo(50 * KB);
    sizes.announced(700 * KB);
    assertThat(sizes.usual()).isEqualTo(50 * KB);
  }
}
