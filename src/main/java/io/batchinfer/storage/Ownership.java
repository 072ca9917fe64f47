package io.batchinfer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.OwnershipState.OwnershipClaim;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to write an output, won by unique file names and a listing alone: write
 * a claim for the next epoch, list, and own the epoch only if nobody else claims it or a later one.
 * Whoever lists later sees the winner's claim and withdraws. The owner {@linkplain #beat beats}; a
 * challenger takes over only from a process that it can prove gone or whose beat stood still for
 * the whole take-over time. {@link #isValid}, {@link #beat} and {@link #confirm} are thread-safe,
 * the rest is for one thread.
 */
public final class Ownership implements AutoCloseable {
  /** Where a run keeps its claims; those of a service lie in the store itself. */
  private static final String OF_RUN = "/_journal/owner";

  private static final Duration MAX_BACK_OFF = Duration.ofMillis(300);

  private final FileStore store;
  private final String folder;
  private final OwnershipTiming timing;
  private final Elapsed elapsed;
  private final long epoch;
  private final String id;

  @GuardedBy("this")
  private long beats;

  private volatile Elapsed.Mark lastBeat;
  private volatile boolean lost;

  private Ownership(
      FileStore store,
      String folder,
      OwnershipTiming timing,
      Elapsed elapsed,
      long epoch,
      String id) {
    this.store = store;
    this.folder = folder;
    this.timing = timing;
    this.elapsed = elapsed;
    this.epoch = epoch;
    this.id = id;
    this.lastBeat = elapsed.mark();
  }

  /**
   * Claims the output whose claims are in {@code folder}.
   *
   * @param patient whether to wait for a live owner to go away instead of giving up
   * @throws BatchException with {@link ErrorCode#OWNED_BY_ANOTHER_RUN}, naming the owner
   */
  public static Ownership claim(
      FileStore store,
      String folder,
      Claimant claimant,
      OwnershipTiming timing,
      Elapsed elapsed,
      Pause pause,
      boolean patient) {
    store.makeFolder(folder);
    while (true) {
      OwnershipState judged = awaitNoHolder(store, folder, timing, elapsed, pause, patient);
      String id = UUID.randomUUID().toString();
      Elapsed.Mark started = elapsed.mark();
      // The epoch after the one that was judged: a claim made since then is contested, not outbid.
      long epoch = judged.highestEpoch() + 1;
      String path = folder + "/" + OwnershipState.name(epoch, id, "claim");
      store.replace(path, claimant.encoded());
      OwnershipState now = read(store, folder);
      if (!now.isContested(epoch, id) && !hasWokenUp(judged, now)) {
        Ownership ownership = new Ownership(store, folder, timing, elapsed, epoch, id);
        ownership.lastBeat = started;
        ownership.beat();
        if (!ownership.lost) {
          ownership.forgetOlderEpochs();
          return ownership;
        }
      }
      store.delete(path);
      pause.pause(Duration.ofMillis(ThreadLocalRandom.current().nextLong(MAX_BACK_OFF.toMillis())));
      refuseIfInterrupted();
    }
  }

  /**
   * Whether an owner that was taken for gone has beaten since. It listed before our claim was
   * there, so it takes itself for the owner still.
   */
  private static boolean hasWokenUp(OwnershipState judged, OwnershipState now) {
    Map<String, Long> before = judged.beats();
    return now.claims().stream()
        .anyMatch(claim -> claim.beat() > before.getOrDefault(claim.id(), claim.beat()));
  }

  /** Waits until nobody holds the output and returns the listing that shows it. */
  private static OwnershipState awaitNoHolder(
      FileStore store,
      String folder,
      OwnershipTiming timing,
      Elapsed elapsed,
      Pause pause,
      boolean patient) {
    Map<String, Long> beatSeen = new HashMap<>();
    Map<String, Elapsed.Mark> unchangedSince = new HashMap<>();
    while (true) {
      List<OwnershipClaim> alive = new ArrayList<>();
      OwnershipState state = read(store, folder);
      for (OwnershipClaim claim : state.holders()) {
        @Nullable Claimant holder = holder(store, folder, claim);
        if (holder == null || (holder.local() && holder.isProvablyGone())) {
          continue;
        }
        Long before = beatSeen.put(claim.id(), claim.beat());
        if (before == null) {
          unchangedSince.put(claim.id(), elapsed.mark());
        } else if (before != claim.beat()) {
          if (!patient) {
            throw ownedBy(folder, holder);
          }
          unchangedSince.put(claim.id(), elapsed.mark());
        }
        Elapsed.Mark since = unchangedSince.get(claim.id());
        Duration needed =
            holder.isProvablyGone() ? timing.fence().plus(timing.beat()) : timing.takeOver();
        if (since == null || elapsed.atLeastSince(since).compareTo(needed) < 0) {
          alive.add(claim);
        }
      }
      if (alive.isEmpty()) {
        return state;
      }
      pause.pause(timing.beat().dividedBy(4));
      refuseIfInterrupted();
    }
  }

  private static BatchException ownedBy(String folder, Claimant holder) {
    String message =
        folder.endsWith(OF_RUN)
            ? "The output \"%s\" is owned by another live run (%s). Wait for it, cancel it with \"batchinfer cancel\", or give --take-over to wait until it is gone."
            : "The store \"%s\" is owned by another live service (%s). Stop that one first, or give --take-over to wait until it is gone.";
    return new BatchException(
        ErrorCode.OWNED_BY_ANOTHER_RUN, message.formatted(outputOf(folder), holder.shown()));
  }

  /** The output or the store whose claims are in that folder. */
  private static String outputOf(String folder) {
    return folder.replaceFirst("(" + OF_RUN + "|/owner)$", "");
  }

  private static void refuseIfInterrupted() {
    if (Thread.currentThread().isInterrupted()) {
      throw new BatchException(
          ErrorCode.INTERRUPTED, "Interrupted while waiting for the owner of the output.");
    }
  }

  /** The claimant behind a claim, or null when the claim was withdrawn meanwhile. */
  private static @Nullable Claimant holder(FileStore store, String folder, OwnershipClaim claim) {
    try {
      return Claimant.decoded(store.readAll(folder + "/" + claim.fileName()));
    } catch (StorageException e) {
      if (store.find(folder + "/" + claim.fileName()).isEmpty()) {
        return null;
      }
      throw e;
    }
  }

  private static OwnershipState read(FileStore store, String folder) {
    return OwnershipState.of(store.list(folder).stream().map(FileStore.Entry::name).toList());
  }

  /** Who holds the output now, and its beat; null when nobody does. */
  public static @Nullable Holder currentHolder(FileStore store, String folder) {
    for (OwnershipClaim claim : read(store, folder).holders()) {
      @Nullable Claimant holder = holder(store, folder, claim);
      if (holder != null && !holder.isProvablyGone()) {
        return new Holder(holder, claim.beat());
      }
    }
    return null;
  }

  /** A claimant and the number of its last beat. */
  public record Holder(Claimant claimant, long beat) {}

  /** Grows by one with every owner. */
  public long epoch() {
    return epoch;
  }

  /**
   * Shows that the owner is alive and looks whether somebody took over. To be called every {@link
   * OwnershipTiming#beat}.
   */
  public synchronized void beat() {
    Elapsed.Mark started = elapsed.mark();
    try {
      long next = beats + 1;
      store.create(folder + "/" + OwnershipState.beatName(epoch, id, next)).close();
      if (beats > 0) {
        store.delete(folder + "/" + OwnershipState.beatName(epoch, id, beats));
      }
      beats = next;
    } catch (IOException e) {
      throw new StorageException("Cannot show in \"" + folder + "\" that the run is alive", e);
    }
    if (read(store, folder).isContested(epoch + 1, id)) {
      lost = true;
    } else {
      lastBeat = started;
    }
  }

  /** Whether the owner may still grant anything. */
  public boolean isValid() {
    return !lost && elapsed.since(lastBeat).compareTo(timing.validity()) < 0;
  }

  /**
   * Makes sure, before something that cannot be undone, that the output is still this process's.
   *
   * @throws BatchException with {@link ErrorCode#OWNED_BY_ANOTHER_RUN} when it is not
   */
  public void confirm() {
    if (!isValid() && !lost) {
      beat();
    }
    if (lost) {
      throw new BatchException(
          ErrorCode.OWNED_BY_ANOTHER_RUN,
          "Another run took over \"%s\" while this one could not be heard; this one stopped sending and leaves the output to it."
              .formatted(outputOf(folder)));
    }
  }

  /** Whether another process took over: nothing may be written any more. */
  public boolean isLost() {
    return lost;
  }

  private void forgetOlderEpochs() {
    for (FileStore.Entry entry : store.list(folder)) {
      if (OwnershipState.epochOf(entry.name()).orElse(epoch) < epoch) {
        store.delete(entry.path());
      }
    }
  }

  private synchronized long beats() {
    return beats;
  }

  /** Gives the output up. */
  @Override
  public void close() {
    if (!lost) {
      try {
        store.create(folder + "/" + OwnershipState.name(epoch, id, "released")).close();
        store.delete(folder + "/" + OwnershipState.beatName(epoch, id, beats()));
      } catch (IOException e) {
        throw new StorageException("Cannot release the output in \"" + folder + "\"", e);
      }
    }
  }
}
