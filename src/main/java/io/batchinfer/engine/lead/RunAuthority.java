package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerMessage.SplitClaim;
import io.batchinfer.job.JobJson;
import io.batchinfer.model.PartCounts;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The driver's end of the channel: hands messages of workers to the ledger and the quota. */
public final class RunAuthority {
  private static final byte[] YES = {1};
  private static final byte[] NO = {0};
  private static final int MOST_NOTICES = 1_000;

  private final String token;
  private final RunSecrets secrets;
  private final SplitLedger ledger;
  private final QuotaAuthority quota;
  private final BooleanSupplier owned;

  @GuardedBy("this")
  private final Map<String, Set<String>> sessionsOfProcesses = new HashMap<>();

  @GuardedBy("this")
  private final Set<String> said = new HashSet<>();

  @GuardedBy("this")
  private final List<String> notices = new ArrayList<>();

  /**
   * @param owned whether this run still owns the output
   */
  public RunAuthority(
      String token,
      RunSecrets secrets,
      SplitLedger ledger,
      QuotaAuthority quota,
      BooleanSupplier owned) {
    this.owned = owned;
    this.token = token;
    this.secrets = secrets;
    this.ledger = ledger;
    this.quota = quota;
  }

  /**
   * Answers one message; refuses those without the run's token.
   *
   * @throws AssertionError when the books fail; the stage fails with one when they do so later
   */
  public CompletionStage<byte[]> answer(byte[] encoded) {
    WorkerMessage message = WorkerMessage.decode(encoded);
    if (!message.token().equals(token)) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("a message for another run was refused"));
    }
    try {
      return handle(message);
    } catch (RuntimeException e) {
      // Books that one message left half-done would be wrong for all that come.
      throw new AssertionError("the run's books cannot be kept any more", e);
    }
  }

  private CompletionStage<byte[]> handle(WorkerMessage message) {
    boolean mayGoOn = ledger.sawSession(message.session());
    return switch (message.kind()) {
      case HELLO -> {
        String process = new String(message.payload(), StandardCharsets.UTF_8);
        cameIn(process, message.session());
        ledger.runsIn(message.session(), process);
        yield CompletableFuture.completedFuture(secrets.encode());
      }
      case TRYING -> {
        int line = ByteBuffer.wrap(message.payload()).getInt();
        ledger.trying(message.split(), message.session(), line);
        yield CompletableFuture.completedFuture(YES);
      }
      case QUOTA ->
          quota
              .ask(QuotaRequest.decode(message.payload()))
              .thenApply(
                  reply ->
                      mayGoOn && !quota.hasLostEndpoint(message.session())
                          ? reply
                          : QuotaReply.STOPPED)
              .thenApply(QuotaReply::encode);
      case CLAIM -> {
        // Whoever cannot reach the endpoint would only keep splits from those who can.
        boolean mayWork = ledger.isClosing() || !quota.hasLostEndpoint(message.session());
        CompletionStage<SplitClaim> claimed =
            mayWork
                ? ledger.claim(message.session(), message.worker())
                : CompletableFuture.completedFuture(SplitClaim.FINISHED);
        yield claimed.thenApply(SplitClaim::encode);
      }
      case COMMIT ->
          CompletableFuture.completedFuture(
              owned.getAsBoolean() && ledger.mayCommit(message.split(), message.session())
                  ? YES
                  : NO);
      case COMMITTED -> {
        try {
          PartCounts part = JobJson.parsePartCounts(message.payload());
          boolean accepted = ledger.committed(message.split(), message.session(), part);
          // Whoever takes over after this answer has seen the mark of the split.
          yield CompletableFuture.completedFuture(accepted && owned.getAsBoolean() ? YES : NO);
        } catch (IOException e) {
          yield CompletableFuture.failedFuture(e);
        }
      }
      case NOTICE -> {
        String words = new String(message.payload(), StandardCharsets.UTF_8);
        synchronized (this) {
          if (said.size() < MOST_NOTICES && said.add(words)) {
            notices.add(words);
          }
        }
        yield CompletableFuture.completedFuture(YES);
      }
      case LEAVE -> {
        quota.leave(message.session());
        yield CompletableFuture.completedFuture(YES);
      }
      case RELEASE -> {
        ledger.release(message.session(), message.worker());
        yield CompletableFuture.completedFuture(YES);
      }
    };
  }

  /** What processes had to say since the last call; what several say in the same words, once. */
  public synchronized List<String> takeNotices() {
    List<String> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  private synchronized void cameIn(String process, String session) {
    sessionsOfProcesses.computeIfAbsent(process, unused -> new HashSet<>()).add(session);
  }

  /**
   * Gives out again at once what a process had: its slots and its splits.
   *
   * @param process its name with whoever started it; it must be certain that it has ended
   */
  public void processEnded(String process) {
    Set<String> sessions;
    synchronized (this) {
      @Nullable Set<String> known = sessionsOfProcesses.remove(process);
      sessions = known == null ? Set.of() : known;
    }
    for (String session : sessions) {
      quota.leave(session);
      ledger.sessionEnded(session);
    }
  }
}
