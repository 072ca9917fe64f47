package io.batchinfer.engine;

import io.batchinfer.engine.WorkerMessage.Claimed;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SegmentReader;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.storage.FileStore;
import io.batchinfer.time.Elapsed;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The driver's book of splits: who works on which, and which are committed. A split of a process
 * that fell silent is given out again only after that process can no longer send for it.
 * Thread-safe.
 */
public final class SplitLedger {
  /** Processes that have anything to do are heard many times within that. */
  private static final Duration LISTENING = Duration.ofSeconds(3);

  private final Plan plan;
  private final JobFolder folder;
  private final Elapsed elapsed;
  private final Duration sessionRetention;

  private final TreeSet<Integer> pending = new TreeSet<>();
  private final Map<Integer, Holder> claimed = new HashMap<>();
  private final Map<Integer, PartCounts> committed = new HashMap<>();

  /** Reopened splits that are not published again yet. */
  private final Map<Integer, ReopenedSplit> reopened = new HashMap<>();

  private final Map<String, Elapsed.Mark> seen = new HashMap<>();
  private final Set<String> takenForDead = new HashSet<>();
  private final Map<String, String> processes = new HashMap<>();
  private final Set<String> dead = new HashSet<>();

  /** Splits that were taken from silent sessions, of whose end nothing is known yet. */
  private final Map<String, Set<Integer>> takenFrom = new HashMap<>();

  private final Suspects suspects = new Suspects();
  private final Map<Integer, List<SegmentRange>> journalled = new HashMap<>();
  private final Set<String> indexedSegments = new HashSet<>();
  private Elapsed.Mark lastHeard;
  private boolean open = true;
  private @Nullable ErrorCode closing;

  private record Holder(String session, String worker) {}

  /**
   * @param sessionRetention how long after its last message a process is taken for alive
   */
  public SplitLedger(Plan plan, JobFolder folder, Elapsed elapsed, Duration sessionRetention) {
    this.plan = plan;
    this.folder = folder;
    this.elapsed = elapsed;
    this.sessionRetention = sessionRetention;
    this.lastHeard = elapsed.mark();
    plan.splits().forEach(split -> pending.add(split.index()));
  }

  /**
   * Takes over what earlier runs committed and journalled.
   *
   * @param reopenings splits of which rows run again although they were published once
   * @return rows that are settled already
   */
  public synchronized long recover(Map<Integer, ReopenedSplit> reopenings) {
    reopened.putAll(reopenings);
    for (int split : folder.committedSplits()) {
      Optional<PartCounts> part = folder.readCommit(split);
      ReopenedSplit reopening = reopened.get(split);
      if (part.isPresent() && (reopening == null || part.get().round() >= reopening.round())) {
        committed.put(split, part.get());
        reopened.remove(split);
        pending.remove(split);
      }
    }
    indexSegments();
    long rows = counts().settled();
    for (int split : pending) {
      ReopenedSplit reopening = reopened.get(split);
      long kept = reopening == null ? 0 : reopening.kept().settled();
      rows +=
          Math.min(
              plan.splits().get(split).rows() - kept,
              journalled.getOrDefault(split, List.of()).stream()
                  .mapToLong(SegmentRange::count)
                  .sum());
    }
    return rows;
  }

  private void indexSegments() {
    for (FileStore.Entry entry : folder.store().list(folder.segments())) {
      Optional<SegmentName> name = SegmentName.parse(entry.name());
      if (name.isPresent() && indexedSegments.add(entry.name())) {
        for (SegmentRange range :
            SegmentReader.directory(folder.store(), folder.segments(), name.get())) {
          ReopenedSplit reopening = reopened.get(range.split());
          if (reopening == null || name.get().epoch() >= reopening.epoch()) {
            journalled.computeIfAbsent(range.split(), unused -> new ArrayList<>()).add(range);
          }
        }
      }
    }
  }

  /**
   * Notes that a process is alive.
   *
   * @return whether it may go on; one that comes back after it was taken for dead may only save
   *     what it has
   */
  synchronized boolean sawSession(String session) {
    Elapsed.Mark now = elapsed.mark();
    if (elapsed.since(lastHeard).compareTo(LISTENING) > 0) {
      // Nobody was heard, so it was this process that did not listen.
      seen.replaceAll((any, before) -> now);
    }
    lastHeard = now;
    Elapsed.Mark before = seen.put(session, now);
    if (before != null && elapsed.since(before).compareTo(sessionRetention) > 0) {
      takenForDead.add(session);
    }
    return !takenForDead.contains(session);
  }

  /** Notes in which process of the cluster a session is. */
  synchronized void runsIn(String session, String process) {
    processes.put(session, process);
  }

  /** Notes which row of a lonely split its holder is about to read. */
  synchronized void trying(int split, String session, int line) {
    if (mayCommit(split, session)) {
      suspects.trying(split, line);
    }
  }

  /** A process of the cluster is gone: what it held may be to blame. */
  public synchronized void died(String process, Death death) {
    if (!dead.add(process)) {
      return;
    }
    Set<Integer> held = new TreeSet<>();
    processes.forEach(
        (session, in) -> {
          if (in.equals(process)) {
            held.addAll(takenFrom.getOrDefault(session, Set.of()));
            held.addAll(heldBy(session));
          }
        });
    suspects.died(held, death);
  }

  private Set<Integer> heldBy(String session) {
    Set<Integer> held = new TreeSet<>();
    claimed.forEach(
        (split, holder) -> {
          if (holder.session().equals(session)) {
            held.add(split);
          }
        });
    return held;
  }

  synchronized Claimed claim(String session, String worker) {
    if (!open || takenForDead.contains(session)) {
      return Claimed.FINISHED;
    }
    requeueOfSilentSessions();
    Integer next = next(heldBy(session));
    if (next == null) {
      return claimed.isEmpty() && pending.isEmpty() ? Claimed.FINISHED : Claimed.LATER;
    }
    pending.remove(next);
    claimed.put(next, new Holder(session, worker));
    return new Claimed(
        next,
        false,
        closing == null ? "" : closing.code(),
        journalled.getOrDefault(next, List.of()),
        Optional.ofNullable(reopened.get(next)),
        runsAlone(next),
        suspects.blamed(next));
  }

  /** A split that runs alone comes last, and only to a process that has nothing else. */
  private @Nullable Integer next(Set<Integer> held) {
    if (held.stream().anyMatch(this::runsAlone)) {
      return null;
    }
    for (Integer split : pending) {
      if (!runsAlone(split)) {
        return split;
      }
    }
    return pending.isEmpty() || !held.isEmpty() ? null : pending.first();
  }

  private boolean runsAlone(int split) {
    return closing == null && suspects.runsAlone(split);
  }

  private void requeueOfSilentSessions() {
    List<Integer> lost = new ArrayList<>();
    claimed.forEach(
        (split, holder) -> {
          Elapsed.Mark last = seen.get(holder.session());
          if (last == null || elapsed.since(last).compareTo(sessionRetention) > 0) {
            lost.add(split);
          }
        });
    if (!lost.isEmpty()) {
      // The silent process was still writing when the segments were listed, so list them anew.
      indexedSegments.clear();
      journalled.clear();
      indexSegments();
      lost.forEach(
          split -> {
            Holder holder = claimed.remove(split);
            if (holder != null) {
              takenFrom.computeIfAbsent(holder.session(), unused -> new TreeSet<>()).add(split);
            }
            pending.add(split);
          });
    }
  }

  synchronized boolean mayCommit(int split, String session) {
    Holder holder = claimed.get(split);
    return holder != null && holder.session().equals(session);
  }

  synchronized void committed(int split, String session, PartCounts part) {
    Holder holder = claimed.get(split);
    if (holder != null && holder.session().equals(session)) {
      claimed.remove(split);
      reopened.remove(split);
      committed.put(split, part);
    }
  }

  synchronized void release(String session, String worker) {
    giveBack(new Holder(session, worker)::equals);
  }

  /** Gives out again what a process had that is certain to have ended. */
  synchronized void sessionEnded(String session) {
    giveBack(holder -> holder.session().equals(session));
  }

  private void giveBack(Predicate<Holder> whose) {
    List<Integer> given =
        claimed.entrySet().stream()
            .filter(entry -> whose.test(entry.getValue()))
            .map(Map.Entry::getKey)
            .toList();
    if (!given.isEmpty()) {
      indexedSegments.clear();
      journalled.clear();
      indexSegments();
      for (int split : given) {
        claimed.remove(split);
        pending.add(split);
      }
    }
  }

  /** Gives nothing out any more. */
  public synchronized void close() {
    open = false;
  }

  /**
   * Gives all open splits out again, to settle their open rows with that code instead of sending.
   */
  public synchronized void closeRowsWith(ErrorCode code) {
    closing = code;
    open = true;
    pending.addAll(claimed.keySet());
    claimed.clear();
    indexedSegments.clear();
    journalled.clear();
    indexSegments();
  }

  public synchronized boolean isComplete() {
    return committed.size() == plan.splits().size();
  }

  public synchronized int committedSplits() {
    return committed.size();
  }

  public synchronized boolean isCommitted(int split) {
    return committed.containsKey(split);
  }

  /**
   * Sum over everything durable: committed splits, and what is journalled of the others. To be
   * called when no worker is at work.
   */
  public synchronized Counts durableCounts() {
    indexedSegments.clear();
    journalled.clear();
    indexSegments();
    Counts sum = counts();
    for (Map.Entry<Integer, List<SegmentRange>> split : journalled.entrySet()) {
      if (!committed.containsKey(split.getKey())) {
        sum = sum.plus(Replay.counts(folder.store(), folder.segments(), split.getValue()));
      }
    }
    return sum;
  }

  /** Splits that are not committed, or not again. */
  public synchronized Set<Integer> openSplits() {
    Set<Integer> open = new TreeSet<>(pending);
    open.addAll(claimed.keySet());
    return open;
  }

  /** Sum over all committed splits, and over the rows of reopened ones that stay as they are. */
  public synchronized Counts counts() {
    Counts sum = Counts.ZERO;
    for (ReopenedSplit reopening : reopened.values()) {
      sum = sum.plus(reopening.kept());
    }
    for (PartCounts part : committed.values()) {
      sum = sum.plus(part.counts());
    }
    return sum;
  }
}
