package io.batchinfer.pack;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A row on its way in one pack after the other, and what became of it in those before. Used by one
 * thread after the other.
 */
public final class PackRow {
  private final OutboundRequest request;
  private final @Nullable Packable packable;
  private final CompletableFuture<Settlement> settled = new CompletableFuture<>();
  private int attempts;
  private int mayHaveRun;
  private Usage used = Usage.NONE;

  /** A row that may go with others. */
  public PackRow(Packable packable) {
    this.request = packable.request();
    this.packable = packable;
  }

  /** A row that goes alone. */
  public PackRow(OutboundRequest request) {
    this.request = request;
    this.packable = null;
  }

  /** The row's own request. */
  public OutboundRequest request() {
    return request;
  }

  /** Its request taken apart, for one that may go with others. */
  Packable packable() {
    return Objects.requireNonNull(packable, "a row that goes alone");
  }

  boolean isPackable() {
    return packable != null;
  }

  /** How large it is among others in a request. */
  long size() {
    return packable == null ? 1 : packable.size();
  }

  /**
   * How the row ends: as it would alone, but that every request counts that it was part of.
   * Completes exceptionally only by a defect of this program, which leaves the row open.
   */
  public CompletionStage<Settlement> settled() {
    return settled;
  }

  /**
   * Takes in a pack that did not settle it.
   *
   * @param share what it used of it
   */
  void carry(Settlement pack, Usage share) {
    attempts += pack.attempts();
    mayHaveRun += pack.mayHaveRun();
    used = used.plus(share);
  }

  /** Settles it with the end of a pack. */
  void settle(Settlement pack, Attempt own, Usage usedBefore) {
    settled.complete(
        new Settlement(
            own,
            attempts + pack.attempts(),
            mayHaveRun + pack.mayHaveRun(),
            pack.outages(),
            pack.crashesEndpoint(),
            used.plus(usedBefore)));
  }

  void fail(Throwable thrown) {
    settled.completeExceptionally(thrown);
  }

  /** The attempt of a pack as a row's own. */
  static Attempt own(Attempt pack, Reply reply, ReplyFacts facts) {
    return new Attempt(pack.meaning(), reply, facts, pack.failure(), pack.retryAfter());
  }
}
