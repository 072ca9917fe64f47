package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many rows a request may hold. */
class PackBoundTest {
  private final List<String> notices = new ArrayList<>();
  private final PackBound bound = new PackBound(1000, 1 << 20, notices::add);

  @Test
  void theFirstRequestsAreModestUntilAnswersAreKnown() {
    assertThat(bound.rows()).isEqualTo(64);
    bound.answered(64, 64_000);
    assertThat(bound.rows()).isEqualTo(1000);
    bound.answered(10, 100_000);
    assertThat(bound.rows()).isEqualTo(104);
    bound.answered(1000, 1000);
    assertThat(bound.rows()).isEqualTo(104);
    bound.answered(1, 2 << 20);
    assertThat(bound.rows()).isOne();
    assertThat(new PackBound(8, 1, notices::add).rows()).isEqualTo(8);
    assertThat(notices).isEmpty();
  }

  @Test
  void halvesThatAreAnsweredAgainAndAgainShowALimit() {
    bound.answered(64, 64);
    bound.answeredInHalves(101, 51);
    bound.answeredInHalves(101, 51);
    assertThat(bound.rows()).isEqualTo(1000);
    bound.answeredInHalves(101, 51);

    assertThat(bound.rows()).isEqualTo(51);
    assertThat(notices)
        .containsExactly(
            "The endpoint refuses requests of 101 inputs and answers the same inputs in requests of 51; from now on no request here has more. --embed-batch 51 spares the refusals.");
    for (int i = 0; i < 5; i++) {
      bound.answeredInHalves(101, 51);
    }
    assertThat(bound.rows()).isEqualTo(51);
  }

  @Test
  void aFullRequestThatIsAnsweredShowsThatThereIsNoSuchLimit() {
    bound.answered(64, 64);
    for (int i = 0; i < 10; i++) {
      bound.answeredInHalves(1000, 500);
      bound.answeredInHalves(1000, 500);
      bound.answered(1000, 1000);
    }

    assertThat(bound.rows()).isEqualTo(1000);
    assertThat(notices).isEmpty();
  }

  @Test
  void afterAnAnswerThatIsNobodysRowsGoAlone() {
    bound.unmatched("Words.");
    bound.unmatched("Words.");
    bound.answered(1, 10);

    assertThat(bound.rows()).isOne();
    assertThat(notices).hasSize(1);
    assertThat(notices.get(0)).startsWith("Words. From now on every row here goes in a request");
  }
}
