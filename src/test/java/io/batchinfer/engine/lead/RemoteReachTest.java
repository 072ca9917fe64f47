package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemoteReachTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void oneThatIsNeverThereIsGivenUpAfterFourTries() {
    RemoteReach reach = new RemoteReach(Optional.empty());
    for (int second = 0; second < 3; second++) {
      reach.refused(second * SECOND);
      reach.refused(second * SECOND + SECOND / 2);
      assertThat(reach.isGivenUp(second * SECOND)).as("after %d", second).isFalse();
    }

    reach.refused(3 * SECOND);

    assertThat(reach.isGivenUp(3 * SECOND)).isTrue();
  }

  @Test
  void oneThatHasAnsweredIsTriedOn() {
    RemoteReach reach = new RemoteReach(Optional.empty());
    reach.answered();
    for (int second = 0; second < 100; second++) {
      reach.refused(second * SECOND);
    }

    assertThat(reach.isGivenUp(100 * SECOND)).isFalse();
  }

  @Test
  void theUserMayHaveItWaitedFor() {
    RemoteReach reach = new RemoteReach(Optional.of(Duration.ofSeconds(60)));
    for (int second = 0; second <= 60; second++) {
      reach.refused(second * SECOND);
      assertThat(reach.isGivenUp(second * SECOND)).as("after %d", second).isFalse();
    }

    assertThat(reach.isGivenUp(61 * SECOND)).isTrue();
  }
}
