package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AnswerMemoryTest {
  private static final long MB = 1 << 20;
  private static final long LIMIT = 120 * MB;

  private final AtomicLong requests = new AtomicLong();
  private final AtomicLong unflushed = new AtomicLong();
  private final List<String> notices = new ArrayList<>();
  private final AnswerMemory memory =
      new AnswerMemory(() -> LIMIT, requests::get, unflushed::get, notices::add);

  private void answered(int times, long bytes) {
    for (int i = 0; i < times; i++) {
      memory.expect().over(bytes);
    }
  }

  @Test
  void smallAnswersAreHeldBackByNothing() {
    answered(100, 2_000);
    assertThat(memory.applyAsInt(2_000)).isPositive();
  }

  @Test
  void theFirstAnnouncedSizeCountsForAllThatFollow() {
    memory.expect().accept(11 * MB);
    // Twice 11 MB each, and the one that is announced already counts as any other.
    assertThat(memory.applyAsInt(4)).isEqualTo(1);
    assertThat(memory.applyAsInt(5)).isZero();
  }

  @Test
  void aLargeAnswerAmongSmallOnesCountsWithItsOwnSizeUntilItsRowIsOver() {
    answered(100, 20_000);
    AnswerMemory.Answer large = memory.expect();
    long before = memory.held(10);
    large.accept(11 * MB);
    large.accept(11 * MB);
    assertThat(memory.held(10) - before).isBetween(21 * MB, 22 * MB);
    large.over(11 * MB);
    large.over(11 * MB);
    large.accept(11 * MB);
    assertThat(memory.held(10)).isEqualTo(before);
  }

  @Test
  void linesThatAreNotDurableAndRequestsTakeRoomButOneRequestMayAlwaysGo() {
    answered(100, 11 * MB);
    assertThat(memory.applyAsInt(2)).isEqualTo(3);
    unflushed.set(22 * MB);
    assertThat(memory.applyAsInt(2)).isEqualTo(2);
    requests.set(22 * MB);
    assertThat(memory.applyAsInt(2)).isEqualTo(1);
    requests.set(10 * LIMIT);
    assertThat(memory.applyAsInt(2)).isZero();
    unflushed.set(LIMIT);
    assertThat(memory.applyAsInt(1)).isZero();
    assertThat(memory.applyAsInt(0)).isEqualTo(1);
  }

  @Test
  void theShortageIsToldOnce() {
    answered(100, 11 * MB);
    memory.tellShortage(5, 256);
    memory.tellShortage(4, 256);
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).contains("11 MB", "holds 5 at once", "251 of 256");
  }

  @Test
  void requestsLeaveHalfOfTheMemoryToAnswers() {
    answered(100, 11 * MB);
    requests.set(10 * LIMIT);

    // 60 MB less the one that is under way, at twice 11 MB each.
    assertThat(memory.applyAsInt(1)).isEqualTo(1);
  }

  @Test
  void sizesBelowAMegabyteAreToldInKilobytes() {
    answered(100, 1);
    memory.tellShortage(5, 256);

    assertThat(notices.get(0)).contains("Answers of about 16 KB");
  }

  @Test
  void aMegabyteIsToldAsOne() {
    answered(100, MB);
    memory.tellShortage(5, 256);

    assertThat(notices.get(0)).contains("Answers of about 1 MB");
  }
}
