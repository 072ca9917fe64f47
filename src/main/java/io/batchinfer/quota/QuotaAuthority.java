package io.batchinfer.quota;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run's side of its endpoint's limits: which processes work for it, what they reported, whether
 * it must stop. Slots of a silent process stay taken until it can no longer have anything under
 * way. Until the first success only a few slots are out. Thread-safe: everything is guarded by the
 * endpoint's monitor, since runs share its slots.
 */
public final class QuotaAuthority implements AutoCloseable {
  private static final Duration ENDPOINT_LOST_AFTER = Duration.ofSeconds(60);

  private final EndpointQuota endpoint;
  private final QuotaGroup group;
  private final Duration fence;
  private final Duration patience;
  private final BooleanSupplier mayGrant;

  @GuardedBy("endpoint")
  private final RunProcesses processes;

  @GuardedBy("endpoint")
  private final BudgetShares budgets;

  @GuardedBy("endpoint")
  private final StopRule stopRule;

  @GuardedBy("endpoint")
  private final List<String> notes = new ArrayList<>();

  @GuardedBy("endpoint")
  private final Set<String> lostEndpoint = new HashSet<>();

  @GuardedBy("endpoint")
  private long cutAfterNanos;

  @GuardedBy("endpoint")
  private boolean remarkNoted;

  private volatile boolean startsEngines;

  /**
   * @param group the runs with which it has a share of the endpoint in common
   * @param budgets what may still be spent
   * @param fence how long a process may go on sending after it asked
   * @param slotRetention how long a silent process is assumed to have its slots in use: the fence,
   *     and then the request time-out
   * @param mayGrant whether the owner of the output may still grant anything
   */
  public QuotaAuthority(
      EndpointQuota endpoint,
      QuotaGroup group,
      List<Budget> budgets,
      Duration fence,
      Duration slotRetention,
      BooleanSupplier mayGrant) {
    this.endpoint = endpoint;
    this.group = group;
    this.fence = fence;
    // What remains of the request time-out is for the work itself.
    this.patience = slotRetention.minus(fence).dividedBy(2);
    this.mayGrant = mayGrant;
    this.processes = new RunProcesses(this, slotRetention);
    this.budgets = new BudgetShares(budgets);
    this.stopRule = new StopRule(endpoint.now());
    endpoint.join(this);
  }

  /**
   * Waits that long for an endpoint that has not answered yet, also for one that cannot be reached.
   */
  public void waitForEndpoint(Duration patience) {
    synchronized (endpoint) {
      stopRule.waitForEndpoint(patience);
    }
  }

  /** The run starts its servers itself, and sends nothing to one before it has answered. */
  public void startsEngines() {
    startsEngines = true;
  }

  boolean hasEngines() {
    return startsEngines;
  }

  /** Why a run is stopped, with the endpoint's own words. */
  public record StopReason(ErrorCode code, String detail) {}

  /** Answers a process; completes later when a rate makes it wait. */
  public CompletionStage<QuotaReply> ask(QuotaRequest request) {
    return endpoint.ask(this, request);
  }

  /** The process of that name. Those that fell silent long ago lose their slots. */
  ProcessView process(String id, long now) {
    synchronized (endpoint) {
      ProcessView asking = processes.asking(id, now);
      for (ProcessView silent : processes.sweep(asking, now)) {
        endpoint.forget(silent);
      }
      return asking;
    }
  }

  /** Takes in what a process reports, before it is noted as its last report. */
  void learn(QuotaRequest request, ProcessView process, long now) {
    synchronized (endpoint) {
      stopRule.learn(request, process, endpoint.limits().maxCoolDown(), now);
      if (!request.observed().remark().isEmpty() && !remarkNoted) {
        remarkNoted = true;
        note(request.observed().remark());
      }
      if (request.observed().cutAfterNanos() > 0 && cutAfterNanos == 0) {
        cutAfterNanos = request.observed().cutAfterNanos();
        note(
            "Requests keep being cut off after %.1f s without an answer, always at the same moment: something between here and the model (a proxy, a gateway, a load balancer) has a time limit. Raise that limit or ask for shorter answers; sending is not slowed down for it."
                .formatted(request.observed().cutAfterNanos() / 1e9));
      }
    }
  }

  /** Ends the run when no replica is there and none is worth waiting for any longer. */
  void stopIfAwayTooLong(Optional<Absence> absence) {
    synchronized (endpoint) {
      stopRule.stopIfAwayTooLong(absence, endpoint.limits().maxCoolDown());
    }
  }

  /** What the run waits for, if it does: how long already, and how long at most. */
  public Optional<Waiting> waiting() {
    synchronized (endpoint) {
      Duration longest = stopRule.longestAbsence(endpoint.limits().maxCoolDown());
      boolean cold = !stopRule.hasSucceeded();
      return endpoint
          .absence(this)
          .map(
              away ->
                  new Waiting(
                      away.replica(), away.all(), away.how(), away.lasting(), longest, cold));
    }
  }

  /**
   * That a run waits for an endpoint.
   *
   * @param replica its name
   * @param all whether no other is there, so that the run ends when the patience does
   * @param how what it does, such as "refuses connections"
   * @param lasting how long it has been away
   * @param patience how long it may be
   * @param beforeFirstSuccess whether it has not answered anything with success yet
   */
  public record Waiting(
      String replica,
      boolean all,
      String how,
      Duration lasting,
      Duration patience,
      boolean beforeFirstSuccess) {}

  /**
   * Whether a process has not been answered by the endpoint for long, while others are: its work is
   * better done elsewhere. Says so once.
   */
  public boolean hasLostEndpoint(String id) {
    synchronized (endpoint) {
      @Nullable ProcessView process = processes.find(id);
      if (process == null || lostEndpoint.contains(id)) {
        return lostEndpoint.contains(id);
      }
      long now = endpoint.now();
      boolean lost =
          process.count(StatusMeaning.UNREACHABLE) > 0
              && now - process.heardAt() > ENDPOINT_LOST_AFTER.toNanos()
              && now - stopRule.heardAt() < ENDPOINT_LOST_AFTER.toNanos() / 2;
      if (lost) {
        lostEndpoint.add(id);
        note(
            "An executor cannot reach the endpoint, others can (%s); its requests go to them."
                .formatted(process.detail()));
      }
      return lost;
    }
  }

  /** Those that work for the run; to be looked at under the endpoint's monitor. */
  Collection<ProcessView> processes() {
    synchronized (endpoint) {
      return processes.active();
    }
  }

  QuotaGroup group() {
    return group;
  }

  /** Most slots of a pool that the run and those of its group may have together. */
  int most(SlotPool pool) {
    int all = group.most(endpoint);
    return all == Integer.MAX_VALUE ? all : pool.partOf(all);
  }

  /** How long an attempt may wait for others without coming near to the request time-out. */
  Duration patience() {
    return patience;
  }

  boolean mayLetOut() {
    return mayGrant() && !isStopped();
  }

  /** Whether nothing of the endpoint has answered yet. */
  boolean isCold() {
    return !startsEngines && !hasSucceeded();
  }

  boolean mayGrant() {
    return mayGrant.getAsBoolean();
  }

  long fenceNanos() {
    return fence.toNanos();
  }

  boolean isStopped() {
    synchronized (endpoint) {
      return stopRule.isStopped();
    }
  }

  long demand(SlotPool pool) {
    synchronized (endpoint) {
      return Math.min(processes.demand(pool), canaries(pool));
    }
  }

  /**
   * Slots of a pool before the first success; several replicas share those that there are.
   *
   * @return {@link Integer#MAX_VALUE} after it
   */
  int canaries(SlotPool pool) {
    synchronized (endpoint) {
      int all = stopRule.canaries();
      return all == Integer.MAX_VALUE ? all : pool.partOf(all);
    }
  }

  /** What a process may have spent in all: its own, and a part of what is left for everyone. */
  List<Allowance> allowances(ProcessView asking) {
    synchronized (endpoint) {
      return budgets.allowances(asking, processes);
    }
  }

  /** Takes back what a process held that has nothing under way any more. */
  public void leave(String id) {
    synchronized (endpoint) {
      @Nullable ProcessView process = processes.leave(id);
      if (process != null) {
        budgets.left(processes);
        endpoint.forget(process);
      }
    }
  }

  /** Lets nothing new out; what is under way may end. The first reason stays. */
  public void stop(ErrorCode code, String detail) {
    synchronized (endpoint) {
      stopRule.stop(code, detail);
    }
  }

  /** Lets nothing new out, without a reason of its own. */
  public void drain() {
    synchronized (endpoint) {
      stopRule.drain();
    }
  }

  void note(String message) {
    synchronized (endpoint) {
      notes.add(message);
    }
  }

  /** After how long something on the way to the model keeps cutting attempts off, if it does. */
  public Optional<Duration> cutAfter() {
    synchronized (endpoint) {
      return cutAfterNanos == 0 ? Optional.empty() : Optional.of(Duration.ofNanos(cutAfterNanos));
    }
  }

  /** What the user should know and has not been told yet. */
  public List<String> takeNotes() {
    synchronized (endpoint) {
      List<String> taken = List.copyOf(notes);
      notes.clear();
      return taken;
    }
  }

  public Optional<StopReason> stopReason() {
    synchronized (endpoint) {
      return stopRule.reason();
    }
  }

  /** Totals of all processes. */
  public Progress progress() {
    synchronized (endpoint) {
      return processes.progress();
    }
  }

  /** Tokens and cost of all answers, also of rows that are not settled yet. */
  public Usage usage() {
    synchronized (endpoint) {
      return processes.usage();
    }
  }

  /** What all processes of the run have done and have under way, as last reported. */
  public ProcessReading reading() {
    synchronized (endpoint) {
      return processes.reading();
    }
  }

  /** The same of each process that works for the run, by its name. */
  public Map<String, ProcessReading> readings() {
    synchronized (endpoint) {
      return processes.readings();
    }
  }

  /** Attempts under way, as last reported. */
  public int inFlight() {
    synchronized (endpoint) {
      return processes.inFlight();
    }
  }

  /** The limits as they hold now, and what bounds how fast the run sends. */
  public RateState state() {
    return endpoint.state(this);
  }

  /** Attempts that wait for a permit, as last reported. */
  int waitingRows() {
    synchronized (endpoint) {
      return processes.waiting();
    }
  }

  /** Attempts that may be under way, over all runs that share the endpoint. */
  public int slots() {
    return endpoint.slots();
  }

  /** Remaining pause that the endpoint asked for. */
  public Duration coolDown() {
    return endpoint.coolDown();
  }

  public boolean hasSucceeded() {
    synchronized (endpoint) {
      return stopRule.hasSucceeded();
    }
  }

  /** Gives the run's share to the others. */
  @Override
  public void close() {
    endpoint.leave(this);
  }
}
