package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.quota.Turns.Part;
import org.junit.jupiter.api.Test;

class TurnsTest {
  private static final double CREDIT = 5;

  private final Turns turns = new Turns();

  /** Serves one of two that both want something; returns how often it was the first. */
  private int serve(Part first, Part second, int times) {
    int ofFirst = 0;
    for (int i = 0; i < times; i++) {
      boolean isFirst = turns.position(first, CREDIT) <= turns.position(second, CREDIT);
      turns.take(isFirst ? first : second, CREDIT);
      ofFirst += isFirst ? 1 : 0;
    }
    return ofFirst;
  }

  @Test
  void equalsTakeTurns() {
    Part first = turns.join(1);
    Part second = turns.join(1);

    assertThat(serve(first, second, 2)).isOne();
    assertThat(serve(first, second, 100)).isEqualTo(50);
  }

  @Test
  void whoWeighsMoreHasMoreTurns() {
    Part heavy = turns.join(3);
    Part light = turns.join(1);

    assertThat(serve(heavy, light, 400)).isEqualTo(300);
  }

  @Test
  void whoComesLaterHasNothingToMakeUpForNorToCatchUpOn() {
    Part early = turns.join(1);
    for (int i = 0; i < 1_000; i++) {
      turns.take(early, CREDIT);
    }

    Part late = turns.join(1);

    assertThat(serve(early, late, 100)).isBetween(49, 51);
  }

  @Test
  void whoWantedNothingForAWhileIsOwedASmallCreditAndNoMore() {
    Part busy = turns.join(1);
    Part idle = turns.join(1);
    for (int i = 0; i < 1_000; i++) {
      turns.take(busy, CREDIT);
    }

    assertThat(serve(busy, idle, 6)).as("the credit is used up first").isZero();
    assertThat(serve(busy, idle, 100)).isEqualTo(50);
  }
}
