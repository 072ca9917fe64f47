package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.quota.SpendingCap.Share;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SpendingCapTest {
  private final AtomicReference<Double> most = new AtomicReference<>(10.0);
  private final SpendingCap cap = new SpendingCap(most::get, 4);

  /** What a run may spend in all that holds no more than it has spent. */
  private static double left(Share share) {
    double most = share.reserve(0, 0);
    share.holds(0, 0);
    return most;
  }

  @Test
  void aRunAloneMaySpendAllThatIsLeft() {
    Share share = cap.join();

    assertThat(share.cap()).isEqualTo(10);
    assertThat(left(share)).isEqualTo(6);
    assertThat(share.isReached()).isFalse();
  }

  @Test
  void whatIsLeftIsSharedOutAndWhatOneSpentIsItsOwn() {
    Share first = cap.join();
    Share second = cap.join();
    first.holds(2, 2);

    assertThat(left(first)).isEqualTo(4);
    assertThat(left(second)).isEqualTo(2);
    second.holds(4, 4);
    assertThat(first.isReached()).isTrue();
    assertThat(left(second)).isEqualTo(4);
  }

  @Test
  void whatARunHoldsOrIsAboutToGiveOutIsNoOthers() {
    Share first = cap.join();
    assertThat(first.reserve(1, 1)).isEqualTo(6);
    Share second = cap.join();
    assertThat(second.reserve(0, 0)).as("before it is known what the first gave out").isZero();

    first.holds(1, 4);
    assertThat(second.reserve(0, 0)).isEqualTo(2);
    assertThat(first.reserve(1, 4)).as("a fair share").isEqualTo(3.5);
    first.holds(1, 4);
    assertThat(left(second)).as("what it works with counts, not what it was told").isEqualTo(2);

    first.holds(1, 2);
    assertThat(left(second)).isEqualTo(2.5);
  }

  @Test
  void theLastUnitIsReachedAndNothingBelowIt() {
    Share share = cap.join();
    share.holds(5.75, 5.75);
    assertThat(share.isReached()).isFalse();

    share.holds(6, 6);
    assertThat(share.isReached()).isTrue();
  }

  @Test
  void aReportThatComesLateTakesNothingBack() {
    Share share = cap.join();
    share.holds(3, 3);
    share.holds(2, 2);
    Share other = cap.join();

    assertThat(left(other)).isEqualTo(1.5);
  }

  @Test
  void whatARunHasSpentStaysSpentWhenItEnds() {
    Share ending = cap.join();
    ending.holds(2, 2);
    ending.close();

    assertThat(left(cap.join())).isEqualTo(4);
  }

  @Test
  void anEndIsCountedOnceAndWhatComesAfterItNotAtAll() {
    Share ending = cap.join();
    ending.holds(2, 2);
    ending.close();
    ending.close();
    ending.holds(3, 3);

    assertThat(left(cap.join())).isEqualTo(4);
  }

  @Test
  void aCapThatIsLoweredBelowWhatWasSpentLeavesNothing() {
    Share share = cap.join();
    share.holds(3, 3);

    most.set(5.0);

    assertThat(share.isReached()).isTrue();
    assertThat(left(share)).as("no more than it has spent already").isEqualTo(3);
    assertThat(left(cap.join())).isZero();
  }
}
