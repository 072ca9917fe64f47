package io.batchinfer.storage;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.time.Pause;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class OwnershipTest {
  private static final String FOLDER = "/out/_journal/owner";
  private static final OwnershipTiming TIMING = OwnershipTiming.DEFAULT;

  private final InMemoryFiles files = InMemoryFiles.objectStore();
  private final VirtualTime time = new VirtualTime();

  /** A process of another machine, whose end nobody here can prove. */
  private static Claimant elsewhere(String host) {
    return new Claimant(host, host + "/boot/ns", 17, 0, false, "2026-01-01T00:00:00Z");
  }

  private Ownership claim(String host, boolean patient) {
    return Ownership.claim(files, FOLDER, elsewhere(host), TIMING, time.elapsed(), time, patient);
  }

  /** While it waits, the owner does that. */
  private Ownership claim(String host, boolean patient, Runnable beat) {
    Pause pause =
        duration -> {
          time.advance(duration);
          beat.run();
        };
    return Ownership.claim(files, FOLDER, elsewhere(host), TIMING, time.elapsed(), pause, patient);
  }

  @Test
  void theFirstClaimWinsAndBeatsKeepItValid() {
    Ownership owner = claim("a", false);
    assertThat(owner.epoch()).isEqualTo(1);
    for (int i = 0; i < 100; i++) {
      time.advance(TIMING.beat());
      owner.beat();
      assertThat(owner.isValid()).isTrue();
    }
    assertThat(Ownership.currentHolder(files, FOLDER))
        .isNotNull()
        .extracting(holder -> holder.claimant().host(), Ownership.Holder::beat)
        .containsExactly("a", 101L);
  }

  /** The claim that was listed is gone when it is read, and its claimant owns by another one. */
  @Test
  void aClaimantThatWithdrewAndWonWithAnotherClaimIsSeen() {
    String first = FOLDER + "/" + OwnershipState.name(1, UUID.randomUUID().toString(), "claim");
    String second = UUID.randomUUID().toString();
    files.put(first, elsewhere("b").encoded());
    long[] beats = {0};
    files.before(
        operation -> {
          if (operation.equals("open " + first)) {
            files.forget(first);
            files.put(
                FOLDER + "/" + OwnershipState.name(1, second, "claim"), elsewhere("b").encoded());
          } else if (operation.startsWith("list") && !files.paths().contains(first)) {
            beats[0]++;
            files.put(FOLDER + "/" + OwnershipState.beatName(1, second, beats[0]), new byte[0]);
          }
        });

    assertThatThrownBy(() -> claim("a", false))
        .isInstanceOfSatisfying(
            BatchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN));
  }

  /** A challenger's claim is listed, and withdrawn before it is read. */
  @Test
  void aClaimThatIsWithdrawnDoesNotHideTheOwner() {
    Ownership owner = claim("a", false);
    String passing = FOLDER + "/" + OwnershipState.name(2, UUID.randomUUID().toString(), "claim");
    files.put(passing, elsewhere("b").encoded());
    files.before(
        operation -> {
          if (operation.equals("open " + passing)) {
            files.forget(passing);
          }
        });

    assertThatThrownBy(() -> claim("c", false, owner::beat))
        .isInstanceOfSatisfying(
            BatchException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN));
    assertThat(owner.isValid()).isTrue();
  }

  @Test
  void aLockThatWasLeftBehindIsPassedOver() {
    files.createsIfAbsent();
    files.put(
        FOLDER + "/" + OwnershipState.lockName(1), "another".getBytes(StandardCharsets.UTF_8));

    Ownership owner = claim("a", false);

    assertThat(owner.epoch()).isEqualTo(2);
    assertThat(files.content(FOLDER + "/" + OwnershipState.lockName(2))).isNotEmpty();
    assertThat(files.paths()).doesNotContain(FOLDER + "/" + OwnershipState.lockName(1));
  }

  @Test
  void whoDoesNotGetTheLockIsNoOwner() {
    files.createsIfAbsent();
    String lock = FOLDER + "/" + OwnershipState.lockName(1);
    files.before(
        operation -> {
          if (operation.equals("create-if-absent " + lock)) {
            files.put(lock, "another".getBytes(StandardCharsets.UTF_8));
          }
        });

    assertThat(claim("a", false).epoch()).isEqualTo(2);
  }

  @Test
  void anOwnerThatKnowsOfAnotherGrantsNothingMoreAlthoughItsBeatIsFresh() {
    Ownership owner = claim("a", false);
    files.put(
        FOLDER
            + "/"
            + OwnershipState.name(owner.epoch() + 1, UUID.randomUUID().toString(), "claim"),
        elsewhere("b").encoded());

    owner.beat();

    assertThat(time.nanos()).isZero();
    assertThat(owner.isLost()).isTrue();
    assertThat(owner.isValid()).isFalse();
  }

  @Test
  void aReleasedOutputIsClaimedAtOnceUnderALaterEpoch() {
    for (int epoch = 1; epoch <= 5; epoch++) {
      Ownership owner = claim("a", false);
      assertThat(owner.epoch()).isEqualTo(epoch);
      owner.close();
      assertThat(Ownership.currentHolder(files, FOLDER)).isNull();
    }
    assertThat(time.nanos()).isZero();
    assertThat(files.list(FOLDER)).hasSizeLessThan(4);
  }

  @Test
  void aLiveOwnerIsNamedToWhoeverComesSecond() {
    Ownership owner = claim("owner.example", false);
    keepBeating(owner, Duration.ofMinutes(5));
    assertThatThrownBy(() -> claim("b", false))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("owner.example")
        .hasMessageContaining("--take-over")
        .extracting(e -> ((BatchException) e).code())
        .isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN);
    assertThat(owner.isValid()).isTrue();
  }

  private void keepBeating(Ownership owner, Duration howLong) {
    long end = time.nanos() + howLong.toNanos();
    time.schedule(
        () -> {
          owner.beat();
          if (time.nanos() < end) {
            keepBeating(owner, Duration.ofNanos(end - time.nanos()));
          }
        },
        TIMING.beat());
  }

  @Test
  void aSilentOwnerIsTakenOverOnlyAfterTheTakeOverTime() {
    Ownership first = claim("a", false);
    time.advance(TIMING.validity().minusMillis(1));
    assertThat(first.isValid()).isTrue();
    time.advance(Duration.ofMillis(1));
    assertThat(first.isValid()).isFalse();
    long asked = time.nanos();
    Ownership second = claim("b", false);
    assertThat(Duration.ofNanos(time.nanos() - asked)).isGreaterThanOrEqualTo(TIMING.takeOver());
    assertThat(second.epoch()).isEqualTo(2);
    first.beat();
    assertThat(first.isLost()).isTrue();
    assertThat(first.isValid()).isFalse();
    assertThat(second.isValid()).isTrue();
  }

  @Test
  void aPatientChallengerWaitsUntilTheOwnerEnds() {
    Ownership owner = claim("a", false);
    keepBeating(owner, Duration.ofMinutes(3));
    time.schedule(owner::close, Duration.ofMinutes(4));
    Ownership second = claim("b", true);
    assertThat(second.isValid()).isTrue();
    assertThat(Duration.ofNanos(time.nanos())).isGreaterThan(Duration.ofMinutes(3));
  }

  @Test
  void anOwnerThatWakesUpBetweenTheVerdictAndTheClaimIsNotOverrun() {
    Ownership first = claim("a", false);
    boolean[] woken = {false};
    files.before(
        operation -> {
          boolean challengerClaims =
              operation.startsWith("create") && operation.contains("e00000002");
          if (challengerClaims && !woken[0]) {
            woken[0] = true;
            first.beat();
          }
        });
    @Nullable Ownership second = null;
    try {
      second = claim("b", false);
    } catch (BatchException refused) {
      assertThat(refused.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN);
    }
    assertThat(woken[0]).isTrue();
    assertThat(first.isValid() && second != null && second.isValid()).isFalse();
  }

  @Test
  void aClaimMadeSinceTheVerdictIsNotOutbid() {
    claim("a", false).close();
    List<Ownership> overtaking = new ArrayList<>();
    boolean[] overtaken = {false};
    files.before(
        operation -> {
          boolean challengerClaims =
              operation.startsWith("create") && operation.contains("claim.tmp");
          if (challengerClaims && !overtaken[0]) {
            overtaken[0] = true;
            overtaking.add(claim("c", false));
            keepBeating(overtaking.get(0), Duration.ofMinutes(1));
          }
        });
    assertThatThrownBy(() -> claim("b", false)).isInstanceOf(BatchException.class);
    assertThat(overtaking.get(0).isLost()).isFalse();
  }

  @Test
  void anOwnerThatIsLostWritesNothingMoreIntoTheClaims() {
    Ownership first = claim("a", false);
    time.advance(Duration.ofMinutes(2));
    claim("b", false);
    first.beat();
    List<String> before = files.paths();
    first.close();
    assertThat(files.paths()).isEqualTo(before);
  }

  /** Two claimants on threads of their own, of which one runs at a time and only as told. */
  private static final class TwoClaimants {
    private final InMemoryFiles files = InMemoryFiles.objectStore();
    private final Semaphore[] mayStep = {new Semaphore(0), new Semaphore(0)};
    private final Semaphore stepped = new Semaphore(0);
    private final boolean[] ended = new boolean[2];
    private final Ownership[] owners = new Ownership[2];
    private final Thread[] threads = new Thread[2];

    void run(int schedule, int choices) throws InterruptedException {
      files.before(operation -> awaitTurn());
      for (int i = 0; i < 2; i++) {
        int me = i;
        VirtualTime time = new VirtualTime();
        threads[i] =
            new Thread(
                () -> {
                  try {
                    awaitTurn();
                    owners[me] =
                        Ownership.claim(
                            files,
                            FOLDER,
                            elsewhere("host" + me),
                            TIMING,
                            time.elapsed(),
                            pause -> time.advance(pause),
                            false);
                  } catch (BatchException refused) {
                    assertThat(refused.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN);
                  } finally {
                    ended[me] = true;
                    stepped.release();
                  }
                },
                "claimant-" + i);
      }
      threads[0].start();
      stepped.acquire();
      threads[1].start();
      stepped.acquire();
      for (int step = 0; step < choices; step++) {
        step((schedule >>> step) & 1);
      }
      while (!ended[0]) {
        step(0);
      }
      while (!ended[1]) {
        step(1);
      }
      for (Thread thread : threads) {
        thread.join();
      }
    }

    private void awaitTurn() {
      int me = Thread.currentThread() == threads[0] ? 0 : 1;
      stepped.release();
      mayStep[me].acquireUninterruptibly();
    }

    private void step(int who) throws InterruptedException {
      if (!ended[who]) {
        mayStep[who].release();
        assertThat(stepped.tryAcquire(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS))
            .as("step of %d", who)
            .isTrue();
      }
    }

    long valid() {
      long count = 0;
      for (@Nullable Ownership owner : owners) {
        count += owner != null && owner.isValid() ? 1 : 0;
      }
      return count;
    }
  }

  @Test
  void inNoInterleavingDoTwoClaimantsOwnTheOutput() throws InterruptedException {
    int choices = 9;
    int withOwner = 0;
    for (int schedule = 0; schedule < 1 << choices; schedule++) {
      TwoClaimants claimants = new TwoClaimants();
      claimants.run(schedule, choices);
      // The second one to end took over after the first one's clock stood still: its own ran on.
      boolean both = claimants.owners[0] != null && claimants.owners[1] != null;
      if (both) {
        assertThat(claimants.owners[0].epoch())
            .as("epochs under schedule %s", Integer.toBinaryString(schedule))
            .isNotEqualTo(claimants.owners[1].epoch());
      }
      withOwner += claimants.valid() > 0 ? 1 : 0;
    }
    assertThat(withOwner).isEqualTo(1 << choices);
  }
}
