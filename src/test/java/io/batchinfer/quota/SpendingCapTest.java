package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.quota.SpendingCap.Share;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class SpendingCapTest {
  private final AtomicReference<Double> most = new AtomicReference<>(10.0);
  private final SpendingCap cap = new SpendingCap(most::get, 4);

  @Test
  void aRunAloneMaySpendAllThatIsLeft() {
    Share share = cap.join();

    assertThat(share.cap()).isEqualTo(10);
    assertThat(share.left()).isEqualTo(6);
    assertThat(share.isReached()).isFalse();
  }

  @Test
  void whatIsLeftIsSharedOutAndWhatOneSpentIsItsOwn() {
    Share first = cap.join();
    Share second = cap.join();
    first.spent(2);

    assertThat(first.left()).isEqualTo(4);
    assertThat(second.left()).isEqualTo(2);
    second.spent(4);
    assertThat(first.isReached()).isTrue();
    assertThat(second.left()).isEqualTo(4);
  }

  @Test
  void theLastUnitIsReachedAndNothingBelowIt() {
    Share share = cap.join();
    share.spent(5.75);
    assertThat(share.isReached()).isFalse();

    share.spent(6);
    assertThat(share.isReached()).isTrue();
  }

  @Test
  void aReportThatComesLateTakesNothingBack() {
    Share share = cap.join();
    share.spent(3);
    share.spent(2);
    Share other = cap.join();

    assertThat(other.left()).isEqualTo(1.5);
  }

  @Test
  void whatARunHasSpentStaysSpentWhenItEnds() {
    Share ending = cap.join();
    ending.spent(2);
    ending.close();

    assertThat(cap.join().left()).isEqualTo(4);
  }

  @Test
  void anEndIsCountedOnceAndWhatComesAfterItNotAtAll() {
    Share ending = cap.join();
    ending.spent(2);
    ending.close();
    ending.close();
    ending.spent(3);

    assertThat(cap.join().left()).isEqualTo(4);
  }

  @Test
  void aCapThatIsLoweredBelowWhatWasSpentLeavesNothing() {
    Share share = cap.join();
    share.spent(3);

    most.set(5.0);

    assertThat(share.isReached()).isTrue();
    assertThat(share.left()).as("no more than it has spent already").isEqualTo(3);
    assertThat(cap.join().left()).isZero();
  }
}
