package io.batchinfer.job;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LivenessTest {
  private static final OwnershipTiming TIMING = OwnershipTiming.DEFAULT;

  @TempDir Path temporary;
  private final AtomicLong waited = new AtomicLong();
  private JobFolder folder;

  @BeforeEach
  void makeFolder() {
    folder = new JobFolder(new FileStores(Configuration::new), "file:" + temporary);
  }

  private Ownership claim(Claimant claimant) {
    return Ownership.claim(
        folder.store(),
        folder.owner(),
        claimant,
        TIMING,
        new Elapsed(() -> 0, Clock.systemUTC()),
        duration -> {},
        false);
  }

  private Liveness observing(Pause meanwhile) {
    return new Liveness(
        TIMING,
        duration -> {
          waited.addAndGet(duration.toMillis());
          meanwhile.pause(duration);
        });
  }

  @Test
  void aHeartbeatThatMovesIsARunAtWork() {
    Ownership ownership = claim(Claimant.thisProcess(true));

    assertThat(observing(duration -> beatEvery(ownership)).observe(folder))
        .hasValueSatisfying(
            owner -> assertThat(owner.processId()).isEqualTo(ProcessHandle.current().pid()));
    assertThat(waited.get()).isLessThanOrEqualTo(TIMING.beat().toMillis());
  }

  private void beatEvery(Ownership ownership) {
    if (waited.get() % TIMING.beat().toMillis() == 0) {
      ownership.beat();
    }
  }

  @Test
  void aHeartbeatThatStandsStillForMoreThanTwoBeatsIsNone() {
    try (Ownership ownership = claim(Claimant.thisProcess(true))) {
      assertThat(ownership.isLost()).isFalse();
      assertThat(observing(duration -> {}).observe(folder)).isEmpty();
    }

    assertThat(Duration.ofMillis(waited.get()))
        .isGreaterThan(TIMING.beat().multipliedBy(2))
        .isLessThan(TIMING.beat().multipliedBy(3));
  }

  @Test
  void aProcessThatIsProvablyGoneNeedsNoWaiting() throws IOException, InterruptedException {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    Claimant here = Claimant.thisProcess(true);
    claim(new Claimant(here.host(), here.machine(), process.pid(), 1, true, here.since()));

    assertThat(observing(duration -> {}).observe(folder)).isEmpty();
    assertThat(waited.get()).isZero();
  }

  @Test
  void anOutputThatWasGivenUpHasNoOwner() {
    claim(Claimant.thisProcess(true)).close();

    assertThat(observing(duration -> {}).observe(folder)).isEmpty();
    assertThat(waited.get()).isZero();
  }
}
