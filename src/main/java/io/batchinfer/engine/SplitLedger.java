package io.batchinfer.engine;

import io.batchinfer.engine.OpenSplits.Holder;
import io.batchinfer.engine.WaitingClaims.Answers;
import io.batchinfer.engine.WorkerMessage.Claimed;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Scheduler;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.Predicate;
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

  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(100);
  private static final int READERS = 8;

  private final Plan plan;
  private final JobFolder folder;
  private final Elapsed elapsed;
  private final Scheduler scheduler;
  private final JournalIndex index;
  private final LostJournals lostJournals;

  private final Object lock = new Object();
  private final OpenSplits splits = new OpenSplits();
  private final PublishedSplits published = new PublishedSplits();
  private final WorkerSessions sessions;

  /** Splits that were taken from silent sessions, of whose end nothing is known yet. */
  private final Map<String, Set<Integer>> takenFrom = new HashMap<>();

  private final Suspects suspects = new Suspects();
  private final WaitingClaims waiting;
  private Elapsed.@Nullable Mark swept;
  private boolean looking;
  private boolean open = true;
  private @Nullable ErrorCode closing;
  private @Nullable RuntimeException failure;
  private int steps;
  private int mostSteps;

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
    this.elapsed = elapsed;
    this.scheduler = scheduler;
    this.sessions = new WorkerSessions(elapsed, sessionRetention);
    this.waiting = new WaitingClaims(elapsed);
    this.index = new JournalIndex(folder);
    this.lostJournals =
        new LostJournals(index, reader, scheduler, this::journalsKnown, this::journalsUnreadable);
    plan.splits().forEach(split -> splits.add(split.index()));
  }

  /** What a call decided under the lock and does without it. */
  private final class After {
    private final Answers answers = new Answers();
    private final Set<Integer> lost = new TreeSet<>();
    private final Set<String> writers = new HashSet<>();

    void run() {
      if (!lost.isEmpty()) {
        lostJournals.lost(lost, writers);
      }
      answers.give();
    }
  }

  private <T> T locked(Function<After, T> call) {
    After after = new After();
    T result;
    synchronized (lock) {
      steps = 1;
      result = call.apply(after);
      mostSteps = Math.max(mostSteps, steps);
    }
    after.run();
    return result;
  }

  /**
   * Takes over what earlier runs committed and journalled.
   *
   * @param reopenings splits of which rows run again although they were published once
   * @return sum over the rows that are settled already
   */
  public Counts recover(Map<Integer, ReopenedSplit> reopenings) {
    List<Integer> numbers = folder.committedSplits();
    List<Optional<PartCounts>> parts = new LocalTasks(READERS).map(numbers, folder::readCommit);
    synchronized (lock) {
      published.reopen(reopenings);
      reopenings.forEach((split, reopening) -> index.countsSince(split, reopening.epoch()));
      for (int i = 0; i < numbers.size(); i++) {
        int split = numbers.get(i);
        parts
            .get(i)
            .filter(part -> published.isNewest(split, part))
            .ifPresent(part -> nowPublished(split, part));
      }
    }
    return durableCounts();
  }

  private void nowPublished(int split, PartCounts part) {
    splits.published(split);
    published.add(split, part);
    index.published(split);
  }

  /**
   * Notes that a process is alive.
   *
   * @return whether it may go on; one that comes back after it was taken for dead may only save
   *     what it has
   */
  boolean sawSession(String session) {
    synchronized (lock) {
      sessions.saw(session);
      return !sessions.isTakenForDead(session);
    }
  }

  /** Notes in which process of the cluster a session is. */
  void runsIn(String session, String process) {
    synchronized (lock) {
      sessions.runsIn(session, process);
    }
  }

  /** Notes which row of a lonely split its holder is about to read. */
  void trying(int split, String session, int line) {
    synchronized (lock) {
      if (splits.isHolder(split, session)) {
        suspects.trying(split, line);
      }
    }
  }

  /** A process of the cluster is gone: what it held may be to blame. */
  public void died(String process, Death death) {
    synchronized (lock) {
      Set<Integer> theirs = new TreeSet<>();
      for (String session : sessions.gone(process)) {
        theirs.addAll(takenFrom.getOrDefault(session, Set.of()));
        theirs.addAll(splits.heldBy(session));
      }
      suspects.died(theirs, death);
    }
  }

  /**
   * Asks for a split. The answer comes when there is one or nothing is left, after {@link
   * #LONGEST_WAIT} at the latest.
   */
  CompletionStage<Claimed> claim(String session, String worker) {
    return locked(
        after -> {
          if (!open || sessions.isTakenForDead(session)) {
            return CompletableFuture.completedFuture(Claimed.FINISHED);
          }
          sweep(after);
          Holder claimant = new Holder(session, worker);
          @Nullable Claimed granted = grant(claimant);
          if (granted == null && splits.isEmpty()) {
            granted = Claimed.FINISHED;
          }
          if (granted != null) {
            return CompletableFuture.completedFuture(granted);
          }
          CompletionStage<Claimed> answer = waiting.add(claimant, after.answers);
          lookLater();
          return answer;
        });
  }

  private @Nullable Claimed grant(Holder worker) {
    Integer next = next(splits.heldBy(worker.session()));
    if (next == null) {
      return null;
    }
    splits.claim(next, worker);
    return new Claimed(
        next,
        false,
        closing == null ? "" : closing.code(),
        index.segments(next),
        published.reopened(next),
        runsAlone(next),
        suspects.blamed(next));
  }

  /** A split that runs alone comes last, and only to a process that has nothing else. */
  private @Nullable Integer next(Set<Integer> has) {
    steps += has.size();
    if (splits.free().isEmpty() || has.stream().anyMatch(this::runsAlone)) {
      return null;
    }
    for (Integer split : splits.free()) {
      steps++;
      if (!runsAlone(split)) {
        return split;
      }
    }
    return has.isEmpty() ? splits.free().first() : null;
  }

  private boolean runsAlone(int split) {
    return closing == null && suspects.runsAlone(split);
  }

  /** Gives waiting workers what there is for them. */
  private void serve(After after) {
    if (!open || splits.isEmpty()) {
      steps += waiting.size();
      waiting.finish(after.answers);
    } else {
      steps += waiting.offer(this::grant, () -> !splits.free().isEmpty(), after.answers);
    }
  }

  private void lookLater() {
    if (!looking && !waiting.isEmpty()) {
      looking = true;
      scheduler.schedule(this::look, LOOK_INTERVAL);
    }
  }

  private void look() {
    locked(
        after -> {
          looking = false;
          waiting.sendAway(LONGEST_WAIT, after.answers);
          // A driver that has just woken up has heard nobody yet.
          if (sessions.isListening()) {
            sweep(after);
          }
          serve(after);
          lookLater();
          return true;
        });
  }

  /** Takes the splits of processes that fell silent, looking for them now and then. */
  private void sweep(After after) {
    if (swept != null && elapsed.since(swept).compareTo(SWEEP_INTERVAL) < 0) {
      return;
    }
    swept = elapsed.mark();
    steps += splits.holdingSessions().size();
    for (String session : splits.holdingSessions().stream().filter(sessions::isSilent).toList()) {
      takenFrom.computeIfAbsent(session, unused -> new TreeSet<>()).addAll(splits.heldBy(session));
      waiting.dropSession(session, after.answers);
      giveBack(session, any -> true, after);
    }
  }

  boolean mayCommit(int split, String session) {
    synchronized (lock) {
      return splits.isHolder(split, session);
    }
  }

  /**
   * Notes that a split is published.
   *
   * @return whether it was the session's to publish, so that its entries are needed no more
   */
  boolean committed(int split, String session, PartCounts part) {
    return locked(
        after -> {
          if (!splits.isHolder(split, session)) {
            return false;
          }
          nowPublished(split, part);
          serve(after);
          return true;
        });
  }

  /** Gives out again what a worker had. */
  void release(String session, String worker) {
    locked(
        after -> {
          waiting.drop(new Holder(session, worker), after.answers);
          giveBack(session, worker::equals, after);
          return true;
        });
  }

  /** Gives out again what a process had that is certain to have ended. */
  void sessionEnded(String session) {
    locked(
        after -> {
          waiting.dropSession(session, after.answers);
          giveBack(session, any -> true, after);
          return true;
        });
  }

  private void giveBack(String session, Predicate<String> worker, After after) {
    for (int split : splits.giveBack(session, worker)) {
      steps++;
      after.lost.add(split);
      after.writers.addAll(splits.formerHolders(split));
    }
  }

  private void journalsKnown(Set<Integer> known) {
    locked(
        after -> {
          steps += known.size();
          splits.free(known);
          serve(after);
          return true;
        });
  }

  private void journalsUnreadable(RuntimeException cause) {
    locked(
        after -> {
          failure = cause;
          open = false;
          serve(after);
          return true;
        });
  }

  /** Why splits that were given back cannot be given out again, or null. */
  public @Nullable RuntimeException failure() {
    synchronized (lock) {
      return failure;
    }
  }

  /** Gives nothing out any more. */
  public void close() {
    locked(
        after -> {
          open = false;
          serve(after);
          return true;
        });
  }

  /**
   * Gives all open splits out again, to settle their open rows with that code instead of sending.
   * Reads the journal; to be called when no worker is at work.
   */
  public void closeRowsWith(ErrorCode code) {
    index.read(any -> true);
    locked(
        after -> {
          closing = code;
          open = true;
          splits.freeAll();
          serve(after);
          return true;
        });
  }

  public boolean isComplete() {
    synchronized (lock) {
      return published.size() == plan.splits().size();
    }
  }

  public int committedSplits() {
    synchronized (lock) {
      return published.size();
    }
  }

  public boolean isCommitted(int split) {
    synchronized (lock) {
      return published.contains(split);
    }
  }

  /**
   * Sum over everything durable: committed splits, and what is journalled of the others. Reads the
   * journal; to be called when no worker is at work.
   */
  public Counts durableCounts() {
    index.read(any -> true);
    List<Counts> journalled =
        new LocalTasks(READERS).map(List.copyOf(openSplits()), this::journalled);
    Counts sum = counts();
    for (Counts split : journalled) {
      sum = sum.plus(split);
    }
    return sum;
  }

  private Counts journalled(int split) {
    List<SegmentName> segments = index.segments(split);
    return segments.isEmpty()
        ? Counts.ZERO
        : Replay.of(folder.store(), folder.segments(), split, segments).counts();
  }

  /** Splits that are not committed, or not again. */
  public Set<Integer> openSplits() {
    synchronized (lock) {
      return splits.all();
    }
  }

  /** Sum over all committed splits, and over the rows of reopened ones that stay as they are. */
  public Counts counts() {
    Counts sum;
    List<ReopenedSplit> again;
    synchronized (lock) {
      sum = published.counts();
      again = published.reopened();
    }
    for (ReopenedSplit reopening : again) {
      sum = sum.plus(reopening.kept());
    }
    return sum;
  }

  /**
   * The most steps (processes, splits or claims looked at) that one call kept all others waiting
   * for: grows with what changes at once, never with the job.
   */
  public int mostSteps() {
    synchronized (lock) {
      return mostSteps;
    }
  }
}
