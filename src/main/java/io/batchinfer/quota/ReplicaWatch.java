package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.Wanted;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether one replica is there, from what all processes see of it. It is doubted when an attempt
 * fails; away when much of what was under way is lost at once, or when nothing is answered and what
 * is tried fails; then one attempt at a time looks whether it is back. A replica that is back first
 * gets the suspects, each alone. Not thread-safe.
 */
final class ReplicaWatch {
  /** How long failures are gathered before they are judged. */
  private static final Duration WINDOW = Duration.ofMillis(500);

  /** After how long without any answer new failures outweigh what is still under way. */
  private static final Duration UNANSWERED = Duration.ofSeconds(3);

  /**
   * After how long a failure that nothing followed speaks for itself: more than a connect takes.
   */
  private static final Duration LONGEST_DOUBT = Duration.ofSeconds(12);

  /** How long a look keeps others from looking. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(30);

  /** A process that has been silent for longer may send nothing any more. */
  private static final Duration SILENT = Duration.ofSeconds(15);

  private enum State {
    UP,
    DOUBT,
    AWAY,
    /** Suspects go out alone. */
    TRIAL
  }

  private final LongSupplier outageNumbers;
  private final Map<ProcessView, ReplicaView> views = new HashMap<>();
  private State state = State.UP;
  private long since;
  private boolean everAlive;
  private int lastFailure;
  private long alive;
  private long lost;
  private long full;
  private long gone;
  private long underWayBefore;
  private long outage;
  private long gate;
  private long tickets;
  private @Nullable ProcessView holder;
  private long ticketAt;
  private Bearer bearer = Bearer.ANY_ROW;
  private final LookTimes looks = new LookTimes();
  private boolean refusedSince;

  /**
   * @param outageNumbers gives each outage a number of its own among all replicas
   */
  ReplicaWatch(LongSupplier outageNumbers) {
    this.outageNumbers = outageNumbers;
    this.outage = outageNumbers.getAsLong();
  }

  boolean isAway() {
    return state == State.AWAY;
  }

  boolean isUp() {
    return state == State.UP;
  }

  boolean admitsOnlyTickets() {
    return state == State.AWAY || state == State.TRIAL;
  }

  boolean isHeldBy(ProcessView session) {
    return holder == session;
  }

  boolean isInTrial() {
    return state == State.TRIAL;
  }

  /** Whether a process of that run reports it. */
  boolean isOf(QuotaAuthority run) {
    for (ProcessView session : views.keySet()) {
      if (session.run() == run) {
        return true;
      }
    }
    return false;
  }

  /** Whether any process that reports it has rows that are to be under way alone. */
  boolean hasSuspects() {
    return views.values().stream().anyMatch(view -> view.suspects() > 0);
  }

  private boolean hasOrdinaryRows() {
    return views.values().stream().anyMatch(ReplicaView::hasOrdinaryRows);
  }

  /** When it went away. */
  long since() {
    return since;
  }

  /** The last failure, as {@link ReplicaSigns.Failed#last} tells it. */
  int lastFailure() {
    return lastFailure;
  }

  /** Takes in what a process saw. */
  void report(ProcessView session, ReplicaReport report, Wanted wanted, long now) {
    ReplicaSigns signs = report.signs();
    ReplicaView view = views.computeIfAbsent(session, unused -> new ReplicaView());
    ReplicaSigns before = view.signs();
    boolean saysWhatCameAfter = view.heardAtOrAfter(since);
    view.take(signs, report.inFlight(), wanted, now);
    takeTicketFromSilent(now);
    long newAlive = signs.alive() - before.alive();
    long newFailures = signs.failures() - before.failures();
    lastFailure = newFailures > 0 ? signs.failed().last() : lastFailure;
    everAlive |= newAlive > 0;
    if (state == State.UP && newFailures > 0) {
      beginDoubt(signs.failed().lost() - before.failed().lost(), now);
      count(0, before, signs);
      closeUnlessOneRowsAnswer(view, before, signs);
    } else if (state == State.DOUBT) {
      count(saysWhatCameAfter ? newAlive : 0, before, signs);
      closeUnlessOneRowsAnswer(view, before, signs);
    }
    if (state == State.DOUBT) {
      judgeDoubt(now);
    } else if (state != State.UP) {
      refusedSince |= signs.failed().refused() > before.failed().refused();
      boolean looked = holder == session && view.hasEnded(tickets);
      if (looked) {
        endOfTicket(session, signs.ticket().end(), now);
      } else if (newAlive > 0 && saysWhatCameAfter && state == State.AWAY) {
        comeBack();
      }
      view.judge(judgement(session), outage);
    }
    if (holder == session && view.cannotUse(tickets)) {
      takeTicketBack();
    }
  }

  /** Whoever had it may use it until it has heard of the closing, before which nobody is alone. */
  private void takeTicketBack() {
    if (holder != null) {
      holder = null;
      gate++;
    }
  }

  /** What it was to find out, another process may. */
  private void takeTicketFromSilent(long now) {
    @Nullable ReplicaView view = holder == null ? null : views.get(holder);
    if (view != null && view.isSilent(now, SILENT)) {
      holder = null;
    }
  }

  private void beginDoubt(long newLost, long now) {
    state = State.DOUBT;
    since = now;
    alive = 0;
    lost = 0;
    full = 0;
    gone = 0;
    underWayBefore = newLost + underWay(now);
    views.values().forEach(ReplicaView::open);
  }

  /** What one row alone is told is asked of another row before the replica counts as away. */
  private void closeUnlessOneRowsAnswer(ReplicaView view, ReplicaSigns before, ReplicaSigns signs) {
    if (!isOneRowsAnswer()) {
      view.closeIf(signs, before);
    }
  }

  private void count(long newAlive, ReplicaSigns before, ReplicaSigns signs) {
    alive += newAlive;
    lost += signs.failed().lost() - before.failed().lost();
    full += signs.failed().full() - before.failed().full();
    gone += signs.failed().gone() - before.failed().gone();
  }

  private void judgeDoubt(long now) {
    long age = now - since;
    boolean gathered = age >= WINDOW.toNanos();
    boolean inTime = age < LONGEST_DOUBT.toNanos();
    boolean manyAtOnce = lost > 1 && lost >= alive && 4 * lost >= underWayBefore;
    if (gathered && manyAtOnce) {
      goAway(now);
    } else if (alive > 0 && (gathered || lost < 2)) {
      endDoubt();
    } else if (gathered && isOneRowsAnswer() && (inTime || underWay(now) > 0)) {
      if (isIdle(now) || !inTime) {
        endDoubt();
      }
    } else if (gathered && alive == 0 && isUnanswered(age, now)) {
      goAway(now);
    } else if (!inTime || (gathered && isIdle(now))) {
      endDoubt();
    }
  }

  /** Whether a replica that has answered before says to a single attempt that it cannot serve. */
  private boolean isOneRowsAnswer() {
    return everAlive && lastFailure > 0 && lost + full + gone < 2;
  }

  private boolean isUnanswered(long age, long now) {
    boolean nothingUnderWay = underWay(now) == 0;
    boolean saysSo = full > 0 || (!everAlive && lost > 0);
    return (gone > 0 && (nothingUnderWay || age >= UNANSWERED.toNanos()))
        || (saysSo && nothingUnderWay);
  }

  private void endDoubt() {
    state = State.UP;
    judgeAll(Judgement.OWN);
  }

  private void goAway(long now) {
    outage = outageNumbers.getAsLong();
    gate++;
    state = State.AWAY;
    holder = null;
    refusedSince = false;
    looks.begin(since, now);
    views.forEach((session, view) -> view.judge(judgement(session), outage));
  }

  /** What failures mean that come while it is away. */
  private static Judgement judgement(ProcessView session) {
    return session.run().isCold() ? Judgement.COLD : Judgement.OUTAGE;
  }

  private void judgeAll(Judgement judgement) {
    views.values().forEach(view -> view.judge(judgement, outage));
  }

  private void comeBack() {
    state = State.UP;
    takeTicketBack();
    if (hasSuspects()) {
      state = State.TRIAL;
    }
  }

  private void endOfTicket(ProcessView session, @Nullable Sign end, long now) {
    ReplicaView view = Objects.requireNonNull(views.get(session));
    holder = null;
    if (end == Sign.ALIVE) {
      if (state == State.AWAY) {
        comeBack();
      }
    } else if (state == State.TRIAL) {
      if (end == Sign.LOST) {
        view.judge(Judgement.CRASH, outage);
      }
      if (end != Sign.NONE) {
        since = now;
        goAway(now);
      }
    } else if (end == Sign.LOST && (refusedSince || session.run().hasEngines())) {
      // It listened again, and was gone again with this one. Of an engine that is certain: nothing
      // is sent to one that is not ready.
      refusedSince = false;
      outage = outageNumbers.getAsLong();
      view.judge(session.run().hasEngines() ? Judgement.ENGINE_AGAIN : Judgement.AGAIN, outage);
    }
  }

  /** What a process may do. To be asked after its report. */
  ReplicaOrder order(ProcessView session, long now) {
    if (session.run().mayLetOut() && session.hasSlots()) {
      offerTicket(session, now);
    }
    return order(session, ticketOf(session, false));
  }

  /** The same where no replica that the process knows is open, so that slots do not matter. */
  ReplicaOrder orderWhereAllAreClosed(ProcessView session, long now) {
    if (session.run().mayLetOut()) {
      offerTicket(session, now);
    }
    return order(session, ticketOf(session, true));
  }

  private Ticket ticketOf(ProcessView session, boolean beyondSlots) {
    return new Ticket(holder == session ? tickets : 0, bearer, beyondSlots);
  }

  private ReplicaOrder order(ProcessView session, Ticket ticket) {
    @Nullable ReplicaView view = views.get(session);
    if (view == null) {
      return ReplicaOrder.OPEN;
    }
    boolean open = state == State.UP || (state == State.DOUBT && !view.isClosed());
    return view.order(open, gate, ticket, outage);
  }

  private void offerTicket(ProcessView session, long now) {
    @Nullable ReplicaView view = views.get(session);
    if (view != null && state == State.AWAY) {
      offerLook(session, view, now);
    } else if (view != null && state == State.TRIAL) {
      offerTrial(session, view, now);
    }
  }

  private void offerLook(ProcessView session, ReplicaView view, long now) {
    boolean looking = holder != null && now - ticketAt < LONGEST_LOOK.toNanos();
    if (looking || !looks.isDue(now) || !view.isWaiting()) {
      return;
    }
    if (view.hasOrdinaryRows() || !hasOrdinaryRows()) {
      give(session, Bearer.ANY_ROW, now);
      looks.looked(now);
    }
  }

  private void offerTrial(ProcessView session, ReplicaView view, long now) {
    if (holder == null && view.suspects() > 0 && isEmpty(now)) {
      give(session, Bearer.SUSPECT, now);
    }
  }

  private void give(ProcessView session, Bearer whose, long now) {
    holder = session;
    tickets++;
    ticketAt = now;
    bearer = whose;
  }

  /** Whether nothing is under way and every process knows that it must not send. */
  private boolean isEmpty(long now) {
    for (ReplicaView view : views.values()) {
      if (!view.isSilent(now, SILENT) && !view.keepsOut(gate)) {
        return false;
      }
    }
    return true;
  }

  /** Closes it to all but suspects, until none is left. */
  void beginTrial() {
    gate++;
    holder = null;
    state = State.TRIAL;
  }

  /** Opens it when no suspect is left. */
  void endTrial() {
    if (holder == null) {
      state = State.UP;
    }
  }

  private long underWay(long now) {
    long sum = 0;
    for (ReplicaView view : views.values()) {
      sum += view.isSilent(now, SILENT) ? 0 : view.inFlight();
    }
    return sum;
  }

  private boolean isIdle(long now) {
    for (ReplicaView view : views.values()) {
      if (!view.isSilent(now, SILENT) && view.inFlight() + (view.isWaiting() ? 1 : 0) > 0) {
        return false;
      }
    }
    return true;
  }

  void forget(ProcessView session) {
    views.remove(session);
    if (holder == session) {
      holder = null;
    }
  }
}
