package io.batchinfer.storage;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.OwnershipState.OwnershipClaim;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How one process becomes the owner of an output. It is decided by unique file names and a listing
 * alone: list and judge who is there, write a claim for a later epoch than all of them, list again,
 * and own the epoch only if nobody else has shown up in between. Whoever lists later sees the
 * winner's claim and withdraws.
 *
 * <p>Where the store can create a file only if there is none, the epoch has a lock as well, which
 * the winner must have created. It can only stop a process that the listing would have let through,
 * never let one through. For one thread.
 */
final class OwnershipElection {
  private static final Duration MAX_BACK_OFF = Duration.ofMillis(300);

  private final FileStore store;
  private final String folder;
  private final Claimant claimant;
  private final Terms terms;
  private final Map<String, Long> beatSeen = new HashMap<>();
  private final Map<String, Elapsed.Mark> unchangedSince = new HashMap<>();

  /**
   * What an election is held by.
   *
   * @param random makes names unique, and processes that claimed at once try again at different
   *     times
   */
  record Terms(OwnershipTiming timing, Elapsed elapsed, Pause pause, RandomGenerator random) {}

  OwnershipElection(FileStore store, String folder, Claimant claimant, Terms terms) {
    this.store = store;
    this.folder = folder;
    this.claimant = claimant;
    this.terms = terms;
  }

  /**
   * Returns once this process is the owner.
   *
   * @param patient whether to wait for a live owner to go away instead of giving up
   * @throws BatchException with {@link ErrorCode#OWNED_BY_ANOTHER_RUN}, naming the owner
   */
  Ownership win(boolean patient) {
    store.makeFolder(folder);
    while (true) {
      OwnershipState judged = awaitNoHolder(patient);
      Elapsed.Mark started = terms.elapsed().mark();
      OwnershipClaim own =
          new OwnershipClaim(
              judged.nextEpoch(),
              new UUID(terms.random().nextLong(), terms.random().nextLong()).toString(),
              0,
              false);
      String path = folder + "/" + own.fileName();
      store.replace(path, claimant.encoded());
      if (isAlone(own, judged) && locks(own)) {
        Ownership ownership = new Ownership(store, folder, terms, own, started);
        ownership.beat();
        if (!ownership.isLost()) {
          ownership.forgetOlderEpochs();
          return ownership;
        }
      }
      store.delete(path);
      terms.pause().pause(Duration.ofMillis(terms.random().nextLong(MAX_BACK_OFF.toMillis())));
      refuseIfInterrupted();
    }
  }

  /**
   * Whether nobody else has shown up since the listing that was judged: with a claim that was not
   * there, whatever its epoch, since what was judged may have been withdrawn for another claim; or
   * with a beat, since an owner that was taken for gone may have listed before our claim was there.
   */
  private boolean isAlone(OwnershipClaim own, OwnershipState judged) {
    Map<String, Long> before = judged.beats();
    return Ownership.read(store, folder).claims().stream()
        .filter(claim -> !claim.id().equals(own.id()))
        .allMatch(claim -> claim.beat() <= before.getOrDefault(claim.id(), -1L));
  }

  /**
   * Takes the lock of the epoch. One whose owner withdrew stays, and the next claim is for a later
   * epoch.
   */
  private boolean locks(OwnershipClaim own) {
    String path = folder + "/" + OwnershipState.lockName(own.epoch());
    return store.createIfAbsent(path, own.id().getBytes(StandardCharsets.US_ASCII))
        != Creation.REFUSED;
  }

  /** Waits until nobody holds the output and returns the listing that shows it. */
  private OwnershipState awaitNoHolder(boolean patient) {
    beatSeen.clear();
    unchangedSince.clear();
    while (true) {
      List<OwnershipClaim> alive = new ArrayList<>();
      OwnershipState state = Ownership.read(store, folder);
      for (OwnershipClaim claim : state.unreleased()) {
        if (mayBeAlive(claim, patient)) {
          alive.add(claim);
        }
      }
      if (alive.isEmpty()) {
        return state;
      }
      terms.pause().pause(terms.timing().beat().dividedBy(4));
      refuseIfInterrupted();
    }
  }

  private boolean mayBeAlive(OwnershipClaim claim, boolean patient) {
    @Nullable Claimant holder = Ownership.holder(store, folder, claim);
    if (holder == null || (holder.local() && holder.isProvablyGone())) {
      return false;
    }
    Long before = beatSeen.put(claim.id(), claim.beat());
    if (before != null && before != claim.beat() && !patient) {
      throw Ownership.ownedBy(folder, holder);
    }
    if (before == null || before != claim.beat()) {
      unchangedSince.put(claim.id(), terms.elapsed().mark());
    }
    OwnershipTiming timing = terms.timing();
    Duration needed =
        holder.isProvablyGone() ? timing.fence().plus(timing.beat()) : timing.takeOver();
    Elapsed.Mark since = unchangedSince.get(claim.id());
    return since == null || terms.elapsed().atLeastSince(since).compareTo(needed) < 0;
  }

  private static void refuseIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new BatchException(
          ErrorCode.INTERRUPTED, "Interrupted while waiting for the owner of the output.");
    }
  }
}
