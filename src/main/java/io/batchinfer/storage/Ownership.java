package io.batchinfer.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.OwnershipState.OwnershipClaim;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Pause;
import java.io.IOException;
import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/**
 * The right of one process to write an output, won in an {@link OwnershipElection}. The owner
 * {@linkplain #beat beats}; a challenger takes over only from a process that it can prove gone or
 * whose beat stood still for the whole take-over time. {@link #isValid}, {@link #beat} and {@link
 * #confirm} are thread-safe, the rest is for one thread.
 */
public final class Ownership implements AutoCloseable {
  /** Where a run keeps its claims; those of a service lie in the store itself. */
  private static final String OF_RUN = "/_journal/owner";

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

  /**
   * An ownership that has not beaten yet.
   *
   * @param terms those by which it was won
   * @param since when the claim for it was begun
   */
  Ownership(
      FileStore store,
      String folder,
      OwnershipElection.Terms terms,
      OwnershipState.OwnershipClaim won,
      Elapsed.Mark since) {
    this.store = store;
    this.folder = folder;
    this.timing = terms.timing();
    this.elapsed = terms.elapsed();
    this.epoch = won.epoch();
    this.id = won.id();
    this.lastBeat = since;
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
    return new OwnershipElection(
            store,
            folder,
            claimant,
            new OwnershipElection.Terms(timing, elapsed, pause, new SecureRandom()))
        .win(patient);
  }

  static BatchException ownedBy(String folder, Claimant holder) {
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

  /** The claimant behind a claim, or null when the claim was withdrawn meanwhile. */
  static @Nullable Claimant holder(FileStore store, String folder, OwnershipClaim claim) {
    try {
      return Claimant.decoded(store.readAll(folder + "/" + claim.fileName()));
    } catch (StorageException e) {
      if (store.find(folder + "/" + claim.fileName()).isEmpty()) {
        return null;
      }
      throw e;
    }
  }

  static OwnershipState read(FileStore store, String folder) {
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
    if (read(store, folder).isOutbid(epoch)) {
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

  /** Deletes what owners before this one left behind. */
  void forgetOlderEpochs() {
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
