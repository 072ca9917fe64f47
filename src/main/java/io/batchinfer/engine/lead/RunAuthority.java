package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.OtherBuildException;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.WorkerMessage;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
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
  private final RunEngines engines = new RunEngines();

  private final AtomicReference<@Nullable OtherBuildException> otherBuild = new AtomicReference<>();

  @GuardedBy("this")
  private final Map<String, Set<String>> sessionsOfProcesses = new HashMap<>();

  @GuardedBy("this")
  private final Map<String, String> processesOfSessions = new HashMap<>();

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
   * Answers one message; refuses those of other builds and those without the run's token.
   *
   * @throws AssertionError when the books fail; the stage fails with one when they do so later
   */
  public CompletionStage<byte[]> answer(byte[] encoded) {
    WorkerMessage message;
    try {
      message = WorkerMessage.decode(encoded);
    } catch (OtherBuildException e) {
      otherBuild.compareAndSet(null, e);
      return CompletableFuture.failedFuture(e);
    }
    if (!message.token().equals(token)) {
      return CompletableFuture.failedFuture(
          new IllegalStateException("a message for another run was refused"));
    }
    try {
      boolean mayGoOn = ledger.sawSession(message.session());
      return message.request().handledBy(new Answers(message.session(), mayGoOn));
    } catch (RuntimeException e) {
      // Books that one message left half-done would be wrong for all that come.
      throw new AssertionError("the run's books cannot be kept any more", e);
    }
  }

  /** Why a worker was refused that is of another build, if one was. */
  public Optional<OtherBuildException> refusedBuild() {
    return Optional.ofNullable(otherBuild.get());
  }

  /** Answers one message of one process. */
  private final class Answers implements WorkerRequest.Handler<CompletionStage<byte[]>> {
    private final String session;
    private final boolean mayGoOn;

    /**
     * @param mayGoOn whether the process may send
     */
    Answers(String session, boolean mayGoOn) {
      this.session = session;
      this.mayGoOn = mayGoOn;
    }

    @Override
    public CompletionStage<byte[]> hello(WorkerRequest.Hello request) {
      cameIn(request.process(), session);
      ledger.runsIn(session, request.process());
      return CompletableFuture.completedFuture(secrets.encode());
    }

    @Override
    public CompletionStage<byte[]> trying(WorkerRequest.Trying request) {
      ledger.trying(request.split(), session, request.line());
      return answered(true);
    }

    @Override
    public CompletionStage<byte[]> quota(WorkerRequest.Quota request) {
      return quota
          .ask(QuotaRequest.decode(request.question()))
          .thenApply(reply -> mayGoOn && !hasLostEndpoint(session) ? reply : QuotaReply.STOPPED)
          .thenApply(QuotaReply::encode);
    }

    @Override
    public CompletionStage<byte[]> claim(WorkerRequest.Claim request) {
      // Whoever cannot reach the endpoint would only keep splits from those who can.
      boolean mayWork = ledger.isClosing() || !hasLostEndpoint(session);
      CompletionStage<ClaimAnswer> answer =
          mayWork
              ? ledger.claim(session, request.worker())
              : CompletableFuture.completedFuture(ClaimAnswer.Nothing.FINISHED);
      return answer.thenApply(ClaimAnswer::encode);
    }

    @Override
    public CompletionStage<byte[]> commit(WorkerRequest.Commit request) {
      return answered(owned.getAsBoolean() && ledger.mayCommit(request.split(), session));
    }

    @Override
    public CompletionStage<byte[]> committed(WorkerRequest.Committed request) {
      boolean accepted = ledger.committed(request.split(), session, request.part());
      // Whoever takes over after this answer has seen the mark of the split.
      return answered(accepted && owned.getAsBoolean());
    }

    @Override
    public CompletionStage<byte[]> notice(WorkerRequest.Notice request) {
      note(request.words());
      return answered(true);
    }

    @Override
    public CompletionStage<byte[]> engine(WorkerRequest.Engine request) {
      engines.hear(request.process(), request.figures()).ifPresent(RunAuthority.this::note);
      // Whoever ends an engine that hangs says nothing for a while, and is as alive as before.
      return answered(ledger.isSending() && !ledger.isComplete());
    }

    @Override
    public CompletionStage<byte[]> leave(WorkerRequest.Leave request) {
      quota.leave(session);
      return answered(true);
    }

    @Override
    public CompletionStage<byte[]> release(WorkerRequest.Release request) {
      ledger.release(session, request.worker());
      return answered(true);
    }

    private CompletionStage<byte[]> answered(boolean yes) {
      return CompletableFuture.completedFuture(yes ? YES : NO);
    }
  }

  /** Whether a process cannot reach any endpoint; with engines of its own it has none beside. */
  private boolean hasLostEndpoint(String session) {
    String process;
    synchronized (this) {
      process = processesOfSessions.getOrDefault(session, "");
    }
    return engines.isKnown() ? engines.isWithout(process) : quota.hasLostEndpoint(session);
  }

  /** The engines that the run's processes have started. */
  RunEngines engines() {
    return engines;
  }

  private synchronized void note(String words) {
    if (said.size() < MOST_NOTICES && said.add(words)) {
      notices.add(words);
    }
  }

  /** What processes had to say since the last call; what several say in the same words, once. */
  public synchronized List<String> takeNotices() {
    List<String> taken = List.copyOf(notices);
    notices.clear();
    return taken;
  }

  /** What each process has done for the run and has under way, by the cluster manager's name. */
  public SortedMap<String, ProcessReading> readings() {
    Map<String, ProcessReading> bySession = quota.readings();
    SortedMap<String, ProcessReading> byProcess = new TreeMap<>();
    synchronized (this) {
      sessionsOfProcesses.forEach(
          (process, sessions) -> {
            for (String session : sessions) {
              ProcessReading reading = bySession.get(session);
              if (reading != null) {
                byProcess.merge(process, reading, ProcessReading::plus);
              }
            }
          });
    }
    return byProcess;
  }

  private synchronized void cameIn(String process, String session) {
    processesOfSessions.put(session, process);
    sessionsOfProcesses.computeIfAbsent(process, unused -> new HashSet<>()).add(session);
  }

  /**
   * Gives out again at once what a process had: its slots and its splits.
   *
   * @param process the name that its cluster manager knows it by; it must have ended for certain
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
