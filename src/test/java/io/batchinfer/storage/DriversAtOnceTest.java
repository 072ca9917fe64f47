package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.LatentStore.Lock;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** Drivers that claim one output at the same time, on a store whose every call takes its time. */
class DriversAtOnceTest {
  private static final int INTERLEAVINGS = 1_000;
  private static final String FOLDER = "/out/_journal/owner";
  private static final OwnershipTiming TIMING = OwnershipTiming.DEFAULT;
  private static final long AT_ONCE_MILLIS = 100;
  private static final double STALLS = 0.02;

  private final long seed = Long.getLong("batchinfer.seed", System.nanoTime());

  /** How a driver tries to become the owner. */
  @FunctionalInterface
  private interface Claiming {
    /** Returns whether it is the owner. */
    boolean claim(Contest contest, int me);
  }

  /** Drivers that start together, on one store. */
  private static final class Contest {
    private final int drivers;
    private final Random random;
    private final TimedProcesses processes;
    private final SoleOwner watch;
    private final LatentStore store;
    private int decided;
    private int owners;

    Contest(int drivers, long seed, double stalls) {
      this.drivers = drivers;
      this.random = new Random(seed);
      this.processes = new TimedProcesses(drivers, this::check);
      this.watch = new SoleOwner(drivers, TIMING, processes::nanos);
      Lock lock = Lock.values()[Math.floorMod(seed, Lock.values().length)];
      this.store = new LatentStore(processes, random, lock, stalls);
    }

    private void check() {
      watch.check();
    }

    private Ownership claim(FileStore files, int me, boolean patient) {
      OwnershipElection.Terms terms =
          new OwnershipElection.Terms(
              TIMING, processes.elapsed(), processes::pause, new Random(random.nextLong()));
      Claimant claimant =
          new Claimant("host" + me, "host" + me + "/boot/ns", 17, 0, false, "2026-01-01T00:00:00Z");
      Ownership won = new OwnershipElection(files, FOLDER, claimant, terms).win(patient);
      watch.won(me, won);
      return won;
    }

    /** Claims, and as the owner shows that it is alive until all others have given up. */
    private boolean claimAndHold(UnaryOperator<FileStore> broken, int me) {
      try {
        Ownership won = claim(broken.apply(store.seen()), me, false);
        decided++;
        while (decided < drivers) {
          processes.pause(TIMING.beat());
          won.beat();
        }
        return true;
      } catch (BatchException refused) {
        assertThat(refused.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN);
        decided++;
        return false;
      }
    }

    /** Owns for a while, and then gives it up or falls silent. */
    private void takeTurns(int me) {
      Ownership won = claim(store.seen(), me, true);
      int beats = random.nextInt(4);
      for (int i = 0; i < beats && !won.isLost(); i++) {
        processes.pause(TIMING.beat());
        won.beat();
      }
      if (random.nextBoolean()) {
        watch.releases(me);
        won.close();
      }
    }

    /** What nothing may rest on: look whether the file is there, and write it. */
    private boolean createPlainly(int me) {
      FileStore files = store.seen();
      if (files.find(FOLDER + "/lock").isPresent()) {
        return false;
      }
      try (OutputStream lock = files.create(FOLDER + "/lock")) {
        lock.write(me);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return true;
    }

    /** The number of those that took themselves for the owner. */
    int run(Claiming claiming) throws InterruptedException {
      processes.run(
          me -> {
            processes.pause(Duration.ofMillis(random.nextLong(AT_ONCE_MILLIS)));
            boolean owns = claiming.claim(this, me);
            owners += owns ? 1 : 0;
          });
      return owners;
    }
  }

  private void assertOneOwner(int drivers, UnaryOperator<FileStore> broken)
      throws InterruptedException {
    System.out.println("seed " + seed);
    long spent = 0;
    long between = 0;
    int pairs = 0;
    for (int i = 0; i < INTERLEAVINGS; i++) {
      Contest contest = new Contest(drivers, seed + i, 0);
      try {
        assertThat(contest.run((it, me) -> it.claimAndHold(broken, me))).isEqualTo(1);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + (seed + i) + ": " + e.getMessage(), e);
      }
      spent += contest.store.spent();
      between += contest.store.spentBetween();
      pairs += new Contest(drivers, seed + i, 0).run(Contest::createPlainly) > 1 ? 1 : 0;
    }
    System.out.printf(
        "%d interleavings of %d drivers: one owner in each; %d %% of the latency between look and write;"
            + " by a plain create, several owners in %d%n",
        INTERLEAVINGS, drivers, 100 * between / spent, pairs);
    assertThat(pairs).isGreaterThan(INTERLEAVINGS / 10);
  }

  @Test
  void ofTwoDriversOneIsTheOwner() throws InterruptedException {
    assertOneOwner(2, files -> files);
  }

  @Test
  void ofThreeDriversOneIsTheOwner() throws InterruptedException {
    assertOneOwner(3, files -> files);
  }

  @Test
  void driversThatStallOwnTheOutputOneAfterTheOther() throws InterruptedException {
    System.out.println("seed " + seed);
    for (int i = 0; i < INTERLEAVINGS / 2; i++) {
      int drivers = 2 + i % 2;
      Contest contest = new Contest(drivers, seed + i, STALLS);
      try {
        int unused =
            contest.run(
                (it, me) -> {
                  it.takeTurns(me);
                  return true;
                });
        assertThat(contest.watch.winners()).isEqualTo(drivers);
      } catch (AssertionError e) {
        throw new AssertionError("seed " + (seed + i) + ": " + e.getMessage(), e);
      }
    }
  }

  @Test
  void aDriverThatDoesNotListAfterItsClaimIsCaught() {
    assertThatThrownBy(() -> assertOneOwner(2, DriversAtOnceTest::withTheListingFromBefore))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("while grants of");
  }

  /** What a driver sees that trusts, after its claim, the listing from before. */
  private static FileStore withTheListingFromBefore(FileStore files) {
    boolean[] claimed = {false};
    Object[] before = {List.of()};
    return (FileStore)
        Proxy.newProxyInstance(
            FileStore.class.getClassLoader(),
            new Class<?>[] {FileStore.class},
            (proxy, method, arguments) -> {
              boolean lists = method.getName().equals("list");
              if (lists && claimed[0]) {
                claimed[0] = false;
                return before[0];
              }
              claimed[0] |= method.getName().equals("replace");
              try {
                Object result = method.invoke(files, arguments);
                before[0] = lists ? result : before[0];
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }
}
