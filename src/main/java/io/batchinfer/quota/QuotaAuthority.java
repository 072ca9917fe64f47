package io.batchinfer.quota;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
 * way. Until the first success only a few slots are out. Thread-safe.
 */
public final class QuotaAuthority implements AutoCloseable {
  /** Slots until the endpoint has answered something with success. */
  static final int CANARIES = 4;

  /** Refusals that end a job which never had a success. */
  static final int REFUSALS_BEFORE_FIRST_SUCCESS = 4;

  private static final Duration ENDPOINT_LOST_AFTER = Duration.ofSeconds(60);
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(100);

  private final EndpointQuota endpoint;
  private final QuotaGroup group;
  private final List<Budget> budgets;
  private final Duration fence;
  private final Duration slotRetention;
  private final Duration patience;
  private final BooleanSupplier mayGrant;
  private final Map<String, ProcessView> sessions = new LinkedHashMap<>();

  /** Those that fell silent: should one come back, its totals go on from what is known. */
  private final Map<String, ProcessView> silent = new LinkedHashMap<>();

  private final long[] meanings = new long[StatusMeaning.values().length];
  private final List<String> notes = new ArrayList<>();
  private final Set<String> lostEndpoint = new HashSet<>();
  private boolean succeeded;
  private boolean draining;
  private boolean cutNoted;
  private boolean remarkNoted;

  /** Whether anything but the network has answered, or taken a request. */
  private boolean reached;

  private String unreachableDetail = "";

  private Optional<Duration> waitForEndpoint = Optional.empty();
  private long heardAt;
  private long sweptAt;
  private @Nullable StopReason stopReason;
  private Progress departed = Progress.ZERO;
  private Usage departedUsage = Usage.NONE;

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
    this.budgets = List.copyOf(budgets);
    this.fence = fence;
    this.slotRetention = slotRetention;
    // What remains of the request time-out is for the work itself.
    this.patience = slotRetention.minus(fence).dividedBy(2);
    this.mayGrant = mayGrant;
    this.heardAt = endpoint.now();
    endpoint.join(this);
  }

  /**
   * Waits that long for an endpoint that has not answered yet, also for one that cannot be reached.
   */
  public void waitForEndpoint(Duration patience) {
    synchronized (endpoint) {
      waitForEndpoint = Optional.of(patience);
    }
  }

  /** Why a run is stopped, with the endpoint's own words. */
  public record StopReason(ErrorCode code, String detail) {}

  /** Answers a process; completes later when a rate makes it wait. */
  public CompletionStage<QuotaReply> ask(QuotaRequest request) {
    return endpoint.ask(this, request);
  }

  /** The process of that name. Those that fell silent long ago lose their slots. */
  ProcessView session(String id, long now) {
    ProcessView known = sessions.get(id);
    if (known == null) {
      ProcessView back = silent.remove(id);
      known = back == null ? new ProcessView(this) : back;
      known.heard(now);
      known.catchUpWith(sessions.values().stream().mapToLong(ProcessView::served).min().orElse(0));
      sessions.put(id, known);
    }
    if (now - sweptAt > SWEEP_INTERVAL.toNanos()) {
      sweptAt = now;
      ProcessView asking = known;
      sessions
          .entrySet()
          .removeIf(
              entry -> {
                ProcessView session = entry.getValue();
                boolean gone =
                    session != asking && now - session.seenAt() > slotRetention.toNanos();
                if (gone) {
                  endpoint.forget(session);
                  silent.put(entry.getKey(), session);
                }
                return gone;
              });
    }
    return known;
  }

  void learn(QuotaRequest request, ProcessView session, long now) {
    boolean unreachable = false;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      long news = request.count(meaning) - session.count(meaning);
      meanings[meaning.ordinal()] += news;
      if (meaning == StatusMeaning.UNREACHABLE) {
        unreachable |= news > 0;
      } else if (news > 0 && meaning != StatusMeaning.NOT_SENT) {
        reached = true;
        heardAt = now;
        session.heard(now);
      }
    }
    if (request.inFlight() + request.waiting() == 0 && !unreachable) {
      session.heard(now);
    }
    succeeded |= request.count(StatusMeaning.ANSWERED) > 0;
    Duration patience = endpoint.limits().maxCoolDown();
    if (request.coolDownNanos() > patience.toNanos()) {
      stop(
          ErrorCode.COOL_DOWN_TOO_LONG,
          "asks for a pause of " + Duration.ofNanos(request.coolDownNanos()).toSeconds() + " s");
    }
    if (succeeded && unreachable && now - heardAt > patience.toNanos()) {
      stop(ErrorCode.HOST_UNREACHABLE, "for " + patience.toSeconds() + " s: " + request.detail());
    }
    for (StatusMeaning meaning : StatusMeaning.values()) {
      Optional<ErrorCode> code = meaning.stopCode();
      if (code.isEmpty() || request.count(meaning) == session.count(meaning)) {
        continue;
      }
      if (meaning == StatusMeaning.UNREACHABLE) {
        unreachableDetail = request.detail();
      }
      boolean stops =
          meaning.stop() == Stop.AT_ONCE
              || (!succeeded
                  && refusals(code.get()) >= REFUSALS_BEFORE_FIRST_SUCCESS
                  && !isFoundAway(meaning, request));
      if (stops) {
        stop(code.get(), request.detail());
      }
    }
    if (!request.remark().isEmpty() && !remarkNoted) {
      remarkNoted = true;
      note(request.remark());
    }
    if (request.cutAfterNanos() > 0 && !cutNoted) {
      cutNoted = true;
      note(
          "Requests keep being cut off after %.1f s without an answer, always at the same moment: something between here and the model (a proxy, a gateway, a load balancer) has a time limit. Raise that limit or ask for shorter answers; sending is not slowed down for it."
              .formatted(request.cutAfterNanos() / 1e9));
    }
  }

  /**
   * Whether attempts failed because nobody was there, which is judged by what all processes see. A
   * certificate that does not fit is another matter.
   */
  private static boolean isFoundAway(StatusMeaning meaning, QuotaRequest request) {
    long refused = 0;
    for (ReplicaSigns signs : request.signs()) {
      refused += signs.refused();
    }
    return meaning == StatusMeaning.UNREACHABLE
        && request.count(meaning) - refused < REFUSALS_BEFORE_FIRST_SUCCESS;
  }

  /**
   * Ends the run when no replica is there and none is worth waiting for any longer: one that was
   * never there before the user told to wait for it, or any that has been away for too long.
   */
  void stopIfAwayTooLong(Optional<Absence> absence) {
    if (absence.isEmpty() || !absence.get().all()) {
      return;
    }
    boolean neverThere = !succeeded && !reached && waitForEndpoint.isEmpty();
    if (neverThere && refusals(ErrorCode.HOST_UNREACHABLE) >= REFUSALS_BEFORE_FIRST_SUCCESS) {

      stop(ErrorCode.HOST_UNREACHABLE, unreachableDetail);
      return;
    }
    Duration patience = longestAbsence();
    if (absence.get().lasting().compareTo(patience) > 0) {
      stop(
          absence.get().answers() ? ErrorCode.COOL_DOWN_TOO_LONG : ErrorCode.HOST_UNREACHABLE,
          "%s, for %d s now".formatted(absence.get().how(), patience.toSeconds()));
    }
  }

  private Duration longestAbsence() {
    Duration coolDown = endpoint.limits().maxCoolDown();
    return succeeded ? coolDown : waitForEndpoint.orElse(coolDown);
  }

  /** What the run waits for, if it does: how long already, and how long at most. */
  public Optional<Waiting> waiting() {
    Optional<Absence> absence = endpoint.absence();
    synchronized (endpoint) {
      return absence.map(
          away ->
              new Waiting(
                  away.replica(),
                  away.all(),
                  away.how(),
                  away.lasting(),
                  longestAbsence(),
                  !succeeded));
    }
  }

  /**
   * That a run waits for an endpoint.
   *
   * @param replica its place among the base URLs, from 0
   * @param all whether no other is there, so that the run ends when the patience does
   * @param how what it does, such as "refuses connections"
   * @param lasting how long it has been away
   * @param patience how long it may be
   * @param beforeFirstSuccess whether it has not answered anything with success yet
   */
  public record Waiting(
      int replica,
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
      ProcessView session = sessions.get(id);
      if (session == null || lostEndpoint.contains(id)) {
        return lostEndpoint.contains(id);
      }
      long now = endpoint.now();
      boolean lost =
          session.count(StatusMeaning.UNREACHABLE) > 0
              && now - session.heardAt() > ENDPOINT_LOST_AFTER.toNanos()
              && now - heardAt < ENDPOINT_LOST_AFTER.toNanos() / 2;
      if (lost) {
        lostEndpoint.add(id);
        note(
            "An executor cannot reach the endpoint, others can (%s); its requests go to them."
                .formatted(session.detail()));
      }
      return lost;
    }
  }

  private long refusals(ErrorCode code) {
    long sum = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      if (meaning.stopCode().filter(code::equals).isPresent()) {
        sum += meanings[meaning.ordinal()];
      }
    }
    return sum;
  }

  Collection<ProcessView> sessions() {
    return sessions.values();
  }

  QuotaGroup group() {
    return group;
  }

  /** Most slots of a pool that the run and those of its group may have together. */
  int most(int pool) {
    int all = group.most(endpoint);
    int pools = endpoint.poolCount();
    return all == Integer.MAX_VALUE ? all : all / pools + (pool < all % pools ? 1 : 0);
  }

  /** How long an attempt may wait for others without coming near to the request time-out. */
  Duration patience() {
    return patience;
  }

  boolean mayLetOut() {
    return mayGrant() && !isStopped();
  }

  /** Whether the endpoint has not answered anything with success yet. */
  boolean isCold() {
    return !succeeded;
  }

  boolean mayGrant() {
    return mayGrant.getAsBoolean();
  }

  long fenceNanos() {
    return fence.toNanos();
  }

  boolean isStopped() {
    return stopReason != null || draining;
  }

  long demand(int pool) {
    long sum = 0;
    for (ProcessView session : sessions.values()) {
      sum += session.demand(pool);
    }
    return Math.min(sum, canaries(pool));
  }

  /**
   * Slots of a pool before the first success: those not refused yet, so that refusals that stop the
   * job are not followed by more requests. Several replicas share them.
   */
  int canaries(int pool) {
    if (succeeded) {
      return Integer.MAX_VALUE;
    }
    long refused = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      refused += meaning.stopCode().isPresent() ? meanings[meaning.ordinal()] : 0;
    }
    int all = (int) Math.max(1, CANARIES - refused);
    int pools = endpoint.poolCount();
    return pool < all % pools ? all / pools + 1 : all / pools;
  }

  /** What a process may have spent in all: its own, and a part of what is left for everyone. */
  List<Allowance> allowances(ProcessView asking) {
    List<Allowance> allowances = new ArrayList<>();
    double[] upTo = new double[budgets.size()];
    for (int i = 0; i < upTo.length; i++) {
      Budget budget = budgets.get(i);
      double spentByDeparted = budget.unit().of(departedUsage);
      double spent = spentByDeparted;
      for (ProcessView session : everyone()) {
        spent += session.spent(budget);
      }
      budget.spent().accept(spent);
      double left = budget.left().getAsDouble() - spent;
      double free = left + spent - spentByDeparted;
      for (ProcessView session : everyone()) {
        free -= session == asking ? session.spent(budget) : session.committed(i, budget);
      }
      double share = sessions.size() == 1 ? left : left / sessions.size() / 2;
      upTo[i] = asking.spent(budget) + Math.max(0, Math.min(share, free));
      allowances.add(new Allowance(upTo[i], budget.unit()));
    }
    asking.allow(upTo);
    return allowances;
  }

  private List<ProcessView> everyone() {
    List<ProcessView> all = new ArrayList<>(sessions.values());
    all.addAll(silent.values());
    return all;
  }

  /** Takes back what a process held that has nothing under way any more. */
  public void leave(String id) {
    synchronized (endpoint) {
      ProcessView active = sessions.remove(id);
      ProcessView session = active == null ? silent.remove(id) : active;
      if (session != null) {
        endpoint.forget(session);
        departed = departed.plus(session.progress());
        departedUsage = departedUsage.plus(session.usage());
      }
    }
  }

  /** Lets nothing new out; what is under way may end. The first reason stays. */
  public void stop(ErrorCode code, String detail) {
    synchronized (endpoint) {
      if (stopReason == null) {
        stopReason = new StopReason(code, detail);
      }
    }
  }

  /** Lets nothing new out, without a reason of its own. */
  public void drain() {
    synchronized (endpoint) {
      draining = true;
    }
  }

  void note(String message) {
    notes.add(message);
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
      return Optional.ofNullable(stopReason);
    }
  }

  /** Totals of all processes. */
  public Progress progress() {
    synchronized (endpoint) {
      Progress sum = departed;
      for (ProcessView session : everyone()) {
        sum = sum.plus(session.progress());
      }
      return sum;
    }
  }

  /** Tokens and cost of all answers, also of rows that are not settled yet. */
  public Usage usage() {
    synchronized (endpoint) {
      Usage sum = departedUsage;
      for (ProcessView session : everyone()) {
        sum = sum.plus(session.usage());
      }
      return sum;
    }
  }

  /** Attempts under way, as last reported. */
  public int inFlight() {
    synchronized (endpoint) {
      return sessions.values().stream().mapToInt(ProcessView::inFlight).sum();
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
      return succeeded;
    }
  }

  /** Gives the run's share to the others. */
  @Override
  public void close() {
    endpoint.leave(this);
  }
}
