package io.batchinfer.engine.lead;

import io.batchinfer.engine.ClaimAnswer;
import io.batchinfer.engine.ClaimAnswer.Nothing;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.lead.LedgerCalls.Call;
import io.batchinfer.engine.lead.OpenSplits.Holder;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.storage.LocalTasks;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The driver's book of splits: who works on which, and which are committed. A split of a process
 * that fell silent is given out again only after that process can no longer send for it, and any
 * split that was given back only when it is known what its former workers journalled for it.
 * Thread-safe; what workers ask for waits for no file.
 */
public final class SplitLedger {
  /** Longest wait of a claim: well below the time-outs of any transport. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /** Between looks for processes that fell silent while claims wait. */
  static final Duration LOOK_INTERVAL = Duration.ofMillis(250);

  private static final int READERS = 8;

  private final Plan plan;
  private final JobFolder folder;
  private final Scheduler scheduler;
  private final JournalIndex index;
  private final LostJournals lostJournals;

  private final LedgerCalls calls = new LedgerCalls();
  private final OpenSplits splits;
  private final PublishedSplits published = new PublishedSplits();
  private final WorkerProcesses sessions;
  private final Suspects suspects = new Suspects();
  private final SplitGrants grants;
  private final WaitingClaims waiting;
  private final SplitReturns returns;
  private boolean looking;
  private boolean open = true;
  private volatile @Nullable RuntimeException failure;

  /**
   * @param sessionRetention how long after its last message a process is taken for alive
   * @param reader reads what lost workers journalled, never on the thread that asks for it
   */
  public SplitLedger(
      Plan plan,
      JobFolder folder,
      Elapsed elapsed,
      Duration sessionRetention,
      Scheduler scheduler,
      Executor reader) {
    this.plan = plan;
    this.folder = folder;
    this.scheduler = scheduler;
    this.splits = new OpenSplits(SplitOrder.OF_INPUT.of(plan));
    this.sessions = new WorkerProcesses(elapsed, sessionRetention);
    this.waiting = new WaitingClaims(elapsed);
    this.returns =
        new SplitReturns(splits, waiting, suspects, new SilentSessions(sessions, elapsed));
    this.index = new JournalIndex(folder);
    this.grants = new SplitGrants(splits, published, suspects, index);
    this.lostJournals =
        new LostJournals(index, reader, scheduler, this::journalsKnown, this::journalsUnreadable);
    plan.splits().forEach(split -> splits.add(split.index()));
  }

  private <T> T locked(Function<Call, T> body) {
    return calls.one(lostJournals, body);
  }

  private void change(Consumer<Call> body) {
    locked(
        call -> {
          body.accept(call);
          return true;
        });
  }

  /**
   * Takes over what earlier runs committed and journalled.
   *
   * @param reopenings splits of which rows run again although they were published once
   * @return sum over the rows that are settled already
   */
  public Counts recover(Map<Integer, ReopenedSplit> reopenings) {
    List<Integer> numbers = folder.commits().splits();
    List<Optional<PartCounts>> parts = new LocalTasks(READERS).map(numbers, folder.commits()::read);
    change(
        call -> {
          published.reopen(reopenings);
          reopenings.forEach((split, reopening) -> index.countsSince(split, reopening.epoch()));
          for (int i = 0; i < numbers.size(); i++) {
            int split = numbers.get(i);
            parts
                .get(i)
                .filter(part -> published.isNewest(split, part))
                .ifPresent(part -> nowPublished(split, part));
          }
        });
    return durableCounts();
  }

  /** Published splits that rows were left out of, which wait for the answers to equal ones. */
  public SortedMap<Integer, PartCounts> waiting() {
    return locked(unused -> published.waiting());
  }

  /**
   * Gives published splits out again. To be called when no worker is at work.
   *
   * @param reopenings which rows of them run again
   */
  public void reopen(Map<Integer, ReopenedSplit> reopenings) {
    change(
        call -> {
          published.reopen(reopenings);
          reopenings.forEach(
              (split, reopening) -> {
                index.reopened(split, reopening.epoch());
                splits.add(split);
              });
          open = true;
        });
  }

  private void nowPublished(int split, PartCounts part) {
    splits.published(split);
    published.add(split, part, plan.splits().get(split).rows());
    index.published(split);
  }

  /**
   * Notes that a process is alive.
   *
   * @return whether it may go on; one that comes back after it was taken for dead may only save
   *     what it has
   */
  boolean sawSession(String session) {
    return locked(
        call -> {
          sessions.saw(session);
          return !sessions.isTakenForDead(session);
        });
  }

  /** Notes in which process of the cluster a session is. */
  void runsIn(String session, String process) {
    change(call -> sessions.runsIn(session, process));
  }

  /** Notes which row of a lonely split its holder is about to read. */
  void trying(int split, String session, int line) {
    change(
        call -> {
          if (splits.isHolder(split, session)) {
            suspects.trying(split, line);
          }
        });
  }

  /** A process of the cluster is gone: what it held may be to blame. */
  public void died(String process, Death death) {
    change(call -> returns.died(sessions.gone(process), death));
  }

  /**
   * Asks for a split. The answer comes when there is one or nothing is left, after {@link
   * #LONGEST_WAIT} at the latest.
   */
  CompletionStage<ClaimAnswer> claim(String session, String worker) {
    return locked(
        call -> {
          if (!open || sessions.isTakenForDead(session)) {
            return CompletableFuture.completedFuture(Nothing.FINISHED);
          }
          returns.sweep(call);
          Holder claimant = new Holder(session, worker);
          @Nullable ClaimAnswer granted = grants.next(claimant, call);
          if (granted == null && splits.isEmpty()) {
            granted = Nothing.FINISHED;
          }
          if (granted != null) {
            return CompletableFuture.completedFuture(granted);
          }
          CompletionStage<ClaimAnswer> answer = waiting.add(claimant, call.answers());
          lookLater();
          return answer;
        });
  }

  /** Gives waiting workers what has become free. */
  private void serve(Call call) {
    if (!open || splits.isEmpty()) {
      call.steps(waiting.size());
      waiting.finish(call.answers());
    } else {
      // Whoever is not heard may be gone, and would keep a split until that is certain.
      call.steps(
          waiting.offer(
              worker -> sessions.isHeard(worker.session()) ? grants.next(worker, call) : null,
              () -> !splits.free().isEmpty(),
              call.answers()));
    }
  }

  private void lookLater() {
    if (!looking && !waiting.isEmpty()) {
      looking = true;
      scheduler.schedule(this::look, LOOK_INTERVAL);
    }
  }

  private void look() {
    change(
        call -> {
          looking = false;
          waiting.sendAway(LONGEST_WAIT, call.answers());
          // A driver that has just woken up has heard nobody yet.
          if (sessions.isListening()) {
            returns.sweep(call);
          }
          serve(call);
          lookLater();
        });
  }

  boolean mayCommit(int split, String session) {
    return locked(unused -> splits.isHolder(split, session));
  }

  /**
   * Notes that a split is published.
   *
   * @return whether it was the session's to publish, so that its entries are needed no more
   */
  boolean committed(int split, String session, PartCounts part) {
    return locked(
        call -> {
          if (!splits.isHolder(split, session)) {
            return false;
          }
          nowPublished(split, part);
          serve(call);
          return true;
        });
  }

  /** Gives out again what a worker had. */
  void release(String session, String worker) {
    change(call -> returns.left(new Holder(session, worker), call));
  }

  /** Gives out again what a process had that is certain to have ended. */
  void sessionEnded(String session) {
    change(call -> returns.ended(Set.of(session), call));
  }

  private void journalsKnown(Set<Integer> known) {
    change(
        call -> {
          call.steps(known.size());
          splits.free(known);
          serve(call);
        });
  }

  private void journalsUnreadable(RuntimeException cause) {
    change(
        call -> {
          failure = cause;
          open = false;
          serve(call);
        });
  }

  /** Why splits that were given back cannot be given out again, or null. */
  public @Nullable RuntimeException failure() {
    return failure;
  }

  /** Gives nothing out any more. */
  public void close() {
    change(
        call -> {
          open = false;
          serve(call);
        });
  }

  /**
   * Gives all open splits out again, to settle their open rows with that code instead of sending.
   * Reads the journal; to be called when no worker is at work.
   */
  public void closeRowsWith(ErrorCode code) {
    index.read(any -> true);
    change(
        call -> {
          grants.closeRowsWith(code);
          open = true;
          splits.freeAll();
          serve(call);
        });
  }

  /** Whether rows are given out to be sent. */
  boolean isSending() {
    return locked(unused -> open && !grants.isClosing());
  }

  /** Whether open rows are settled without being sent. */
  boolean isClosing() {
    return locked(unused -> grants.isClosing());
  }

  /** Whether every split is published, and no row was left out of any. */
  public boolean isDone() {
    return locked(
        unused -> published.size() == plan.splits().size() && published.waiting().isEmpty());
  }

  /** Whether every split is published, perhaps without rows that wait for others. */
  public boolean isComplete() {
    return locked(unused -> published.size() == plan.splits().size());
  }

  /** Whether any worker has a split, or may have one still. */
  public boolean isAtWork() {
    return locked(unused -> !splits.holdingSessions().isEmpty());
  }

  public int committedSplits() {
    return locked(unused -> published.size());
  }

  public boolean isCommitted(int split) {
    return locked(unused -> published.contains(split));
  }

  /**
   * Sum over everything durable: committed splits, and what is journalled of the others. Reads the
   * journal; to be called when no worker is at work.
   */
  public Counts durableCounts() {
    index.read(any -> true);
    return counts().plus(index.counts(openSplits()));
  }

  /** Splits that are not committed, or not again. */
  public Set<Integer> openSplits() {
    return locked(unused -> splits.all());
  }

  /** Those splits as whoever works on them is told of them; nobody holds them by that. */
  public List<SplitClaim> openClaims() {
    return locked(unused -> grants.openClaims());
  }

  /** Sum over all committed splits, and over the rows of reopened ones that stay as they are. */
  public Counts counts() {
    return locked(unused -> published.parts()).stream().reduce(Counts.ZERO, Counts::plus);
  }

  /**
   * The most steps (processes, splits or claims looked at) that one call kept all others waiting
   * for: grows with what changes at once, never with the job.
   */
  public int mostSteps() {
    return calls.mostSteps();
  }
}
