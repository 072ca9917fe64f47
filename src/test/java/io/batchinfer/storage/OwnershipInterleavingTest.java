package io.batchinfer.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Interleaving.Deviation;
import io.batchinfer.storage.Interleaving.SwitchTo;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/**
 * The ownership protocol as it is, in every order of its steps up to a bound on how often the order
 * deviates from one process running after the other: by a switch to another process at any step, a
 * crash before any step, a wall clock that is set forward at any step.
 */
class OwnershipInterleavingTest {
  private static final String FOLDER = "/out/_journal/owner";
  private static final OwnershipTiming TIMING =
      new OwnershipTiming(
          Duration.ofSeconds(4),
          Duration.ofSeconds(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(7));
  private static final int BEATS = 2;

  /** Explores from one run: deviates once more at every later step, in every way. */
  private static final class Explorer {
    private final int contenders;
    private final UnaryOperator<FileStore> broken;
    private final boolean switchesOnly;
    private boolean locks;
    private int runs;

    Explorer(int contenders, boolean switchesOnly, UnaryOperator<FileStore> broken) {
      this.contenders = contenders;
      this.switchesOnly = switchesOnly;
      this.broken = broken;
    }

    /** On a store that can create a file only where there is none. */
    Explorer withLocks() {
      locks = true;
      return this;
    }

    int explore(int deviations) throws InterruptedException {
      explore(Map.of(), 0, deviations);
      return runs;
    }

    private void explore(Map<Integer, Deviation> schedule, int from, int deviations)
        throws InterruptedException {
      runs++;
      List<List<Deviation>> alternatives = new Contest(contenders, schedule, broken, locks).run();
      for (int step = from; deviations > 0 && step < alternatives.size(); step++) {
        for (Deviation deviation : alternatives.get(step)) {
          if (!switchesOnly || deviation instanceof SwitchTo) {
            Map<Integer, Deviation> next = new HashMap<>(schedule);
            next.put(step, deviation);
            explore(next, step + 1, deviations - 1);
          }
        }
      }
    }
  }

  /** Contenders that claim, beat a few times and then release or fall silent. */
  private static final class Contest {
    private final InMemoryFiles files;
    private final Interleaving order;
    private final UnaryOperator<FileStore> broken;
    private final SoleOwner watch;

    Contest(
        int contenders,
        Map<Integer, Deviation> schedule,
        UnaryOperator<FileStore> broken,
        boolean locks) {
      this.files =
          locks ? InMemoryFiles.objectStore().createsIfAbsent() : InMemoryFiles.objectStore();
      this.broken = broken;
      this.order = new Interleaving(contenders, schedule, this::check);
      this.watch = new SoleOwner(contenders, TIMING, order::nanos);
    }

    /** Runs it, and then lets one more process claim, which must succeed. */
    List<List<Deviation>> run() throws InterruptedException {
      files.before(operation -> order.step());
      order.run(this::contend);
      files.before(operation -> {});
      VirtualTime later = new VirtualTime();
      Ownership last =
          Ownership.claim(files, FOLDER, elsewhere(99), TIMING, later.elapsed(), later, true);
      assertThat(last.isValid()).as("the output can be owned in the end").isTrue();
      return order.alternatives();
    }

    private static Claimant elsewhere(int number) {
      return new Claimant(
          "host" + number, "host" + number + "/boot/ns", 17, 0, false, "2026-01-01T00:00:00Z");
    }

    private void contend(int me) {
      try {
        Ownership owner =
            Ownership.claim(
                broken.apply(files),
                FOLDER,
                elsewhere(me),
                TIMING,
                order.elapsed(me),
                order.pause(),
                me > 0);
        watch.won(me, owner);
        for (int i = 0; i < BEATS && !owner.isLost(); i++) {
          order.pause().pause(TIMING.beat());
          owner.beat();
        }
        if (me % 2 == 0) {
          watch.releases(me);
          owner.close();
        }
      } catch (BatchException refused) {
        assertThat(refused.code()).isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN);
      }
    }

    private void check() {
      watch.check();
    }
  }

  /** What a claimant sees that trusts the listing from before its own claim. */
  private static FileStore withoutTheSecondListing(FileStore files) {
    boolean[] claimed = {false};
    Object[] seen = {List.of()};
    return (FileStore)
        Proxy.newProxyInstance(
            FileStore.class.getClassLoader(),
            new Class<?>[] {FileStore.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("list") && claimed[0]) {
                claimed[0] = false;
                return seen[0];
              }
              claimed[0] |= method.getName().equals("replace");
              try {
                Object result = method.invoke(files, arguments);
                seen[0] = method.getName().equals("list") ? result : seen[0];
                return result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @SuppressWarnings("SystemOut") // how much was explored belongs into the build's log
  private static void tell(String what, int runs) {
    System.out.println("ownership, " + what + ": " + runs + " interleavings");
  }

  @Test
  void twoContendersNeverOwnTheOutputTogether() throws InterruptedException {
    int runs = new Explorer(2, true, store -> store).explore(3);
    tell("two contenders, up to 3 switches", runs);
    assertThat(runs).isGreaterThan(10_000);
  }

  @Test
  void crashesAndClockStepsAtAnyStepDoNotMakeTwoOwners() throws InterruptedException {
    int runs = new Explorer(2, false, store -> store).explore(2);
    tell("two contenders, up to 2 switches, crashes or clock steps", runs);
    assertThat(runs).isGreaterThan(5_000);
  }

  @Test
  void aSecondLockKeepsNobodyOutForGood() throws InterruptedException {
    int runs = new Explorer(2, false, store -> store).withLocks().explore(1);
    runs += new Explorer(2, true, store -> store).withLocks().explore(2);
    tell("two contenders with a second lock, up to 2 switches or a crash or clock step", runs);
    assertThat(runs).isGreaterThan(500);
  }

  @Test
  void threeContendersNeverOwnTheOutputTogether() throws InterruptedException {
    int runs = new Explorer(3, true, store -> store).explore(2);
    tell("three contenders, up to 2 switches", runs);
    assertThat(runs).isGreaterThan(5_000);
  }

  @Test
  void aProtocolThatDoesNotListAgainIsCaught() {
    assertThatThrownBy(
            () ->
                new Explorer(2, true, OwnershipInterleavingTest::withoutTheSecondListing)
                    .explore(2))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("while grants of");
  }
}
