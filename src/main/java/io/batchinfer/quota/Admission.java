package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.Asking.Answer;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.RowChoice.Pick;
import io.batchinfer.quota.WaitingRows.Among;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.Ticker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.IntUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Which row goes out next, and to which replica: as far as the driver's last answer, slots, rows of
 * the rate and memory reach. Not thread-safe.
 */
final class Admission {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(100);
  private static final Duration LEAST_PAUSE = Duration.ofMillis(1);
  private static final Duration IDLE_INTERVAL = Duration.ofMillis(500);
  private static final Duration BUSY_INTERVAL = Duration.ofMillis(200);
  private static final Duration RATED_INTERVAL = Duration.ofMillis(20);
  private static final int MOST_ROWS = 256;

  private final AttemptBook book;
  private final Elapsed elapsed;
  private final Ticker ticker;
  private final WaitingRows waiting = new WaitingRows();
  private final RowChoice choice = new RowChoice();
  private final Permits permits = new Permits();
  private LoadBalancer balancer = new LoadBalancer(List.of());
  private Grant grant;
  private boolean halted;
  private boolean closed;
  private int ending;
  private IntUnaryOperator memory = underWay -> Integer.MAX_VALUE;
  private Consumer<Integer> onShortage = unused -> {};
  private boolean shortOfMemory;

  /** Rows under way that were under way in an outage before. */
  private int ofOutages;

  /**
   * A row that may go out now.
   *
   * @param round the round of measuring that its attempt belongs to
   * @param ticket what let it in at a replica that is closed to others, 0 where it is open
   */
  record Admitted(WaitingRow row, Target target, long round, long ticket) {}

  /**
   * What the end of an attempt calls for.
   *
   * @param isUnjudged whether the attempt waits for the driver's verdict, which completes it
   * @param isWithheld whether its slot is to be given back later
   * @param isUrgent whether the driver is to hear of it at once
   */
  record End(boolean isUnjudged, boolean isWithheld, boolean isUrgent) {}

  Admission(AttemptBook book, Elapsed elapsed, Ticker ticker) {
    this.book = book;
    this.elapsed = elapsed;
    this.ticker = ticker;
    this.grant = Grant.nothing(elapsed.mark());
  }

  /** Puts it in front of the replicas. */
  void limit(List<ReplicaChannel> replicas) {
    balancer = new LoadBalancer(replicas);
  }

  /**
   * @param room how many more may go out while so many are under way
   * @param whenShort is told how many are under way when memory keeps the next one back
   */
  void boundBy(IntUnaryOperator room, Consumer<Integer> whenShort) {
    memory = room;
    onShortage = whenShort;
  }

  void add(WaitingRow row) {
    waiting.add(row, grant.tokensPerMinute());
  }

  /**
   * Lets nothing out any more, whatever is granted; returns the attempts that nobody judges now.
   */
  List<ReplicaGate.Judged> halt() {
    halted = true;
    return balancer.release();
  }

  /** Lets nothing out any more; what waits for a verdict is dropped by whoever waits for it. */
  void close() {
    closed = true;
  }

  boolean isStopped() {
    return grant.stopped() || halted;
  }

  Grant grant() {
    return grant;
  }

  LoadBalancer balancer() {
    return balancer;
  }

  WaitingRows waiting() {
    return waiting;
  }

  Permits permits() {
    return permits;
  }

  boolean isShortOfMemory() {
    return shortOfMemory;
  }

  /** Attempts under way, those included whose end is just being taken in. */
  int inFlight() {
    return balancer.underWay() + ending;
  }

  /** Free slots, as far as there is memory for the answers. */
  int room() {
    int room = balancer.room();
    int fits = room == 0 ? 0 : memory.applyAsInt(inFlight());
    shortOfMemory = room > fits;
    return Math.min(room, fits);
  }

  /** The next row that may go out now, if there is one. */
  @Nullable Admitted next() {
    if (waiting.isEmpty() || balancer.isFull() || !mayLetOut()) {
      return null;
    }
    if (room() == 0 && shortOfMemory) {
      onShortage.accept(balancer.underWay());
      return null;
    }
    long now = ticker.nanos();
    if (!grant.unlimited() && permits.next(now) > now) {
      return null;
    }
    Admitted admitted = byTicket();
    if (admitted == null) {
      admitted = freely();
    }
    if (admitted == null) {
      return null;
    }
    WaitingRow row = admitted.row();
    choice.began(row, admitted.target());
    ofOutages += row.outages().count() > 0 ? 1 : 0;
    long cost = book.charge().of(row.request().estimatedTokens());
    long permitted = grant.unlimited() ? 0 : permits.take();
    book.charge(row, cost, grant.tokensPerMinute() == 0 ? cost : permitted);
    return admitted;
  }

  private @Nullable Admitted byTicket() {
    for (Bearer bearer : Bearer.values()) {
      if (bearer == Bearer.SUSPECT && waiting.suspects() == 0) {
        continue;
      }
      Optional<Target> target = balancer.enterByTicket(bearer);
      @Nullable WaitingRow row = target.isEmpty() ? null : nextFor(bearer);
      if (row != null) {
        Target entered = target.orElseThrow();
        return new Admitted(row, entered, entered.round(), entered.gate().useTicket());
      }
    }
    return null;
  }

  private @Nullable WaitingRow nextFor(Bearer bearer) {
    return bearer == Bearer.SUSPECT ? waiting.nextSuspect() : waiting.nextToLook();
  }

  private @Nullable Admitted freely() {
    Among among =
        ofOutages < Math.max(1, (int) Math.sqrt(balancer.slots())) ? Among.ALL : Among.UNTOUCHED;
    @Nullable WaitingRow first = waiting.first(among);
    if (first == null) {
      return null;
    }
    boolean anyOfThem = waiting.isOrdinaryNext(among) && !waiting.grouped().isPlain();
    return anyOfThem ? chosen(among) : admitted(first, balancer.enter(first.request()), among);
  }

  /** One of the rows that wait, as is best for the caches of the replicas. */
  private @Nullable Admitted chosen(Among among) {
    Optional<Target> looked = balancer.enterToLook();
    if (looked.isPresent()) {
      return admitted(waiting.first(among), looked, among);
    }
    List<Target> open = balancer.open();
    if (open.isEmpty()) {
      return null;
    }
    Pick pick = choice.pick(waiting.grouped(), balancer.openings(open));
    return admitted(pick.row(), balancer.enter(pick.target()), among);
  }

  private @Nullable Admitted admitted(
      @Nullable WaitingRow row, Optional<Target> target, Among among) {
    if (row == null || target.isEmpty()) {
      return null;
    }
    Target entered = target.get();
    return new Admitted(waiting.take(row, among), entered, entered.round(), 0);
  }

  private boolean mayLetOut() {
    return !isStopped()
        && !closed
        && book.pauseLeft(ticker.nanos()) <= 0
        && !book.isSpent(grant.allowances())
        && !grant.isFenced(elapsed);
  }

  /**
   * When what waits although there is a slot may go out: with its permit, or when its replica may
   * be ready. {@link Long#MAX_VALUE} where nothing but an answer or an end changes anything.
   */
  long lookAgainAt(long now) {
    if (waiting.isEmpty() || balancer.isFull() || isStopped() || closed) {
      return Long.MAX_VALUE;
    }
    long permitted = grant.unlimited() ? now : permits.next(now);
    long due = permitted > now ? permitted : now + LOOK_AGAIN.toNanos();
    return Math.max(due, now + LEAST_PAUSE.toNanos());
  }

  /** Notes that an end is being taken in; {@link #endTaken} must follow. */
  void endBegins() {
    ending++;
  }

  void endTaken() {
    ending--;
  }

  /** Books the end of an attempt that went out at that time. */
  End ended(Admitted admitted, Attempt attempt, long began) {
    long nanos = ticker.nanos() - began;
    boolean wasSpent = book.isSpent(grant.allowances());
    boolean hadRemark = !book.remark().isEmpty();
    boolean firstSuccess = false;
    boolean unjudged = false;
    boolean withheld;
    WaitingRow row = admitted.row();
    ofOutages -= row.outages().count() > 0 ? 1 : 0;
    choice.ended(row, admitted.target(), attempt, waiting.grouped());
    try {
      firstSuccess = book.book(row, attempt, nanos, ticker.nanos(), !grant.unlimited());
      unjudged =
          !isStopped()
              && admitted
                  .target()
                  .gate()
                  .ended(row, attempt, admitted.ticket(), began, ticker.nanos());
    } finally {
      withheld = leave(admitted, attempt, nanos);
    }
    boolean urgent =
        unjudged
            || admitted.ticket() > 0
            || firstSuccess
            || attempt.meaning().stopCode().isPresent()
            || attempt.meaning().isLackOfRoom()
            || (!hadRemark && !book.remark().isEmpty())
            || (!wasSpent && book.isSpent(grant.allowances()));
    urgent |= balancer.bearsOutGrowth(admitted.target());
    return new End(unjudged, withheld, urgent);
  }

  /** Frees the slot of an attempt; returns whether it is withheld for a moment. */
  private boolean leave(Admitted admitted, Attempt attempt, long nanos) {
    balancer.leave(admitted.target(), attempt, admitted.round(), nanos);
    if (!book.hasSucceeded() && attempt.meaning().stopCode().isPresent()) {
      balancer.stopRefusal(admitted.target());
    }
    // Against a known rate, a refusal says that the rate was too high, not that slots are too many.
    boolean noRoom =
        attempt.meaning() == StatusMeaning.OVERLOADED
            || attempt.meaning() == StatusMeaning.FULL
            || (attempt.meaning() == StatusMeaning.THROTTLED && grant.unlimited());
    return noRoom && admitted.ticket() == 0 && balancer.takeAway(admitted.target());
  }

  /** Takes in an answer; returns the attempts that it judges. */
  List<ReplicaGate.Judged> take(Answer answer) {
    QuotaReply reply = answer.reply();
    balancer.grant(reply.slots(), reply.replicas());
    if (!book.hasSucceeded()) {
      balancer.withholdForStopRefusals();
    }
    for (int i = 0; i < reply.rows().count(); i++) {
      permits.add(answer.handledAt() + reply.rows().starts()[i], reply.rows().tokens()[i]);
    }
    book.reported(answer.question().totals().meanings());
    boolean sameTokens = grant.tokensPerMinute() == reply.rate().tokensPerMinute();
    grant = Grant.of(reply, answer.askedAt());
    if (!sameTokens) {
      waiting.sortOut(grant.tokensPerMinute());
    }
    book.pauseUntil(ticker.nanos() + reply.leave().coolDownNanos());
    return grant.stopped() ? balancer.release() : balancer.obey(reply.replicas());
  }

  /** Gives permits back that nothing can spend. */
  void giveBackPermits() {
    if (isHeldBack() || grant.isFenced(elapsed) || waiting.isEmpty()) {
      permits.giveBackAll();
    }
  }

  /** Whether a pause, or every replica, keeps everything back. */
  private boolean isHeldBack() {
    return book.pauseLeft(ticker.nanos()) > 0 || !balancer.letsAnythingIn();
  }

  /**
   * Attempts that wait for slots; what does not fit into memory is not a demand, others can use
   * them.
   */
  int waitingForSlots() {
    return shortOfMemory ? Math.min(waiting.size(), room() + 1) : waiting.size();
  }

  /** Enough for the free slots, and for those that get free until the answer is there. */
  int wantedRows() {
    if (grant.unlimited() || isHeldBack()) {
      return 0;
    }
    int spendable = room() + 1 + balancer.underWay() / 8;
    int ahead = Math.min(waiting.ordinary(), spendable);
    if (waiting.ordinary() == 0 && !waiting.isEmpty()) {
      ahead = 1;
    }
    return Math.max(0, Math.min(MOST_ROWS, ahead - permits.size()));
  }

  /** Costs of that many rows, behind those that have their permits; empty where nobody counts. */
  long[] costs(int count) {
    return grant.tokensPerMinute() == 0
        ? new long[0]
        : waiting.costs(permits.size(), count, book.charge());
  }

  /** After how long another answer of the driver may change anything. */
  Duration untilNextQuestion() {
    if (waiting.isEmpty() && balancer.underWay() == 0) {
      return IDLE_INTERVAL;
    }
    long pause = book.pauseLeft(ticker.nanos());
    if (pause > 0) {
      return Duration.ofNanos(Math.min(pause, BUSY_INTERVAL.toNanos()));
    }
    if (!balancer.letsAnythingIn()) {
      return BUSY_INTERVAL;
    }
    return grant.unlimited() || waiting.isEmpty() ? BUSY_INTERVAL : RATED_INTERVAL;
  }
}
