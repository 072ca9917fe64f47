package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class AnswerWorkTest {
  private final Random random = new Random(7);
  private final AnswerWork work = new AnswerWork();

  private long tokens() {
    return 10L + random.nextInt(400);
  }

  @Test
  void whereTimeGoesWithTheTokensTheyCount() {
    for (int i = 0; i < 1_000; i++) {
      long tokens = tokens();
      work.of(tokens, 0.5 + 0.02 * tokens);
    }

    double shorter = work.of(100, 2.5);
    double longer = work.of(300, 6.5);

    assertThat(longer / shorter).isCloseTo(6.5 / 2.5, within(0.05));
  }

  @Test
  void whereTimeIsTheSameForAllEachIsOne() {
    for (int i = 0; i < 1_000; i++) {
      work.of(tokens(), 0.3 + 0.02 * random.nextDouble());
    }

    assertThat(work.of(10, 0.3)).isEqualTo(1);
    assertThat(work.of(400, 0.3)).isEqualTo(1);
  }

  @Test
  void anEndpointThatGetsSlowerAsAWholeDoesNotMakeAnswersMoreWork() {
    for (int i = 0; i < 1_000; i++) {
      long tokens = tokens();
      work.of(tokens, 0.5 + 0.02 * tokens);
    }
    double before = work.of(200, 4.5);
    for (int i = 0; i < 3_000; i++) {
      long tokens = tokens();
      work.of(tokens, 3 * (0.5 + 0.02 * tokens));
    }

    assertThat(work.of(200, 13.5)).isCloseTo(before, within(0.1));
  }

  @Test
  void aPhaseOfLongAnswersIsMoreWork() {
    for (int i = 0; i < 1_000; i++) {
      long tokens = tokens();
      work.of(tokens, 0.02 * tokens);
    }
    double usual = work.of(200, 4);
    for (int i = 0; i < 3_000; i++) {
      long tokens = 10 * tokens();
      work.of(tokens, 0.02 * tokens);
    }

    assertThat(work.of(2_000, 40) / usual).isCloseTo(10, within(0.5));
  }
}
