package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.AdaptiveLimit;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Where attempts go, and what is counted of them. */
class LoadBalancerTest {
  private static final OutboundRequest REQUEST =
      new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1);

  private final VirtualTime time = new VirtualTime();
  private Attempt end = EndsOfAttempts.answered();
  private final List<ReplicaChannel> replicas =
      IntStream.range(0, 3)
          .mapToObj(
              place ->
                  ReplicaChannel.guarded(
                      "replica-" + place,
                      (request, history) -> CompletableFuture.completedFuture(end),
                      time))
          .toList();
  private final LoadBalancer balancer = new LoadBalancer(replicas);

  /** Slots for all together. */
  private void grant(int slots) {
    report();
    balancer.grant(slots, List.of());
  }

  /** Slots of each, without asking before. */
  private void answer(int[] slots, long[] rounds) {
    balancer.grant(0, named(slots, rounds));
  }

  private static List<ForReplica> named(int[] slots, long[] rounds) {
    List<ForReplica> named = new ArrayList<>();
    for (int i = 0; i < slots.length; i++) {
      named.add(
          new ForReplica(
              "replica-" + i,
              new Slots(slots[i], rounds[i]),
              ReplicaOrder.OPEN,
              Elsewhere.NOTHING));
    }
    return named;
  }

  private void grant(int[] slots, long[] rounds) {
    report();
    answer(slots, rounds);
  }

  private void grant(int first, int second, int third) {
    grant(new int[] {first, second, third}, new long[] {1, 1, 1});
  }

  private void report() {
    assertThat(balancer.report(0)).hasSize(3);
  }

  private List<Integer> slotsInUse() {
    return balancer.report(0).stream().map(ReplicaReport::slots).toList();
  }

  private int place(Optional<Target> target) {
    return target.map(found -> replicas.indexOf(found.replica())).orElse(-1);
  }

  private List<Target> enter(int count) {
    List<Target> entered = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      entered.add(balancer.enter(REQUEST).orElseThrow());
    }
    return entered;
  }

  private static Attempt answered(long tokens) {
    return new Attempt(
        StatusMeaning.ANSWERED,
        new Reply(200, ReplyHeaders.NONE, new byte[0]),
        new ReplyFacts(true, new Usage(1, tokens), "", ""),
        null,
        Optional.empty());
  }

  private void leave(Target target, Attempt attempt) {
    balancer.leave(target, attempt, target.round(), 1_000);
  }

  private ReplicaReport report(int replica) {
    return balancer.report(time.nanos()).get(replica);
  }

  @Test
  void nothingGoesAnywhereWithoutSlots() {
    assertThat(balancer.isFull()).isTrue();
    assertThat(balancer.room()).isZero();
    assertThat(balancer.enter(REQUEST)).isEmpty();
    assertThat(balancer.slots()).isZero();
  }

  @Test
  void slotsForAllTogetherAreTakenByWhicheverHasFewest() {
    grant(7);
    assertThat(balancer.room()).isEqualTo(7);

    List<Target> entered = enter(7);

    assertThat(balancer.enter(REQUEST)).isEmpty();
    assertThat(balancer.isFull()).isTrue();
    assertThat(balancer.room()).isZero();
    assertThat(balancer.underWay()).isEqualTo(7);
    assertThat(IntStream.range(0, 3).map(i -> report(i).inFlight()).sorted().toArray())
        .containsExactly(2, 2, 3);
    leave(entered.get(4), answered(1));
    assertThat(place(balancer.enter(REQUEST)))
        .as("where one has ended")
        .isEqualTo(replicas.indexOf(entered.get(4).replica()));
  }

  @Test
  void aChoiceSeesWhatIsSentAndTheReplicasThatItMayTake() {
    List<OutboundRequest> seen = new ArrayList<>();
    List<List<Integer>> open = new ArrayList<>();
    LoadBalancer choosing =
        new LoadBalancer(
            replicas,
            (request, targets) -> {
              seen.add(request);
              open.add(targets.stream().map(each -> replicas.indexOf(each.replica())).toList());
              return targets.get(targets.size() - 1);
            });
    choosing.grant(0, named(new int[] {2, 0, 1}, new long[] {1, 1, 1}));

    assertThat(place(choosing.enter(REQUEST))).isEqualTo(2);
    assertThat(place(choosing.enter(REQUEST))).as("what is left").isZero();
    assertThat(place(choosing.enter(REQUEST))).isZero();
    assertThat(choosing.enter(REQUEST)).isEmpty();

    assertThat(seen).hasSize(3).containsOnly(REQUEST);
    assertThat(open).containsExactly(List.of(0, 2), List.of(0), List.of(0));
  }

  @Test
  void requestsThatBeginAlikeGoToOneReplicaWhileThatHasRoom() {
    grant(30);
    Map<Integer, Integer> homes = new HashMap<>();
    for (int group = 1; group <= 60; group++) {
      Target home = balancer.enter(REQUEST.inGroup(group)).orElseThrow();
      leave(home, answered(1));
      for (int again = 0; again < 3; again++) {
        Target target = balancer.enter(REQUEST.inGroup(group)).orElseThrow();
        assertThat(target).as("group %d", group).isSameAs(home);
        leave(target, answered(1));
      }
      homes.merge(replicas.indexOf(home.replica()), 1, Integer::sum);
    }
    assertThat(homes.values()).as("groups at each of three").hasSize(3).allMatch(n -> n >= 8);
  }

  @Test
  void aBeginningThatAllHaveInCommonIdlesNoReplica() {
    grant(12);
    int[] taken = new int[3];
    for (int i = 0; i < 12; i++) {
      taken[place(balancer.enter(REQUEST.inGroup(7)))]++;
    }

    assertThat(balancer.enter(REQUEST.inGroup(7))).isEmpty();
    assertThat(taken)
        .as("a quarter more than a third of 12 at most")
        .containsExactlyInAnyOrder(5, 5, 2);
  }

  @Test
  void anIdleStartDoesNotFavourTheFirst() {
    grant(1);
    List<Integer> places = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      Target target = balancer.enter(REQUEST).orElseThrow();
      places.add(replicas.indexOf(target.replica()));
      leave(target, answered(1));
    }

    assertThat(places).containsExactly(0, 1, 2, 0, 1, 2);
  }

  @Test
  void slotsOfEachAreItsOwn() {
    grant(1, 0, 3);
    assertThat(balancer.slots()).isEqualTo(4);
    assertThat(balancer.room()).isEqualTo(4);

    enter(4);

    assertThat(balancer.enter(REQUEST)).isEmpty();
    assertThat(IntStream.range(0, 3).map(i -> report(i).inFlight()).toArray())
        .containsExactly(1, 0, 3);
  }

  @Test
  void aReplicaThatTheAnswerDoesNotNameHasNoSlots() {
    grant(new int[] {4, 4}, new long[] {1, 1});
    assertThat(balancer.slots()).isEqualTo(8);

    assertThat(enter(8)).noneMatch(target -> target.replica() == replicas.get(2));
    assertThat(balancer.enter(REQUEST)).isEmpty();

    balancer.grant(0, List.of());
    assertThat(balancer.slots()).isZero();
  }

  @Test
  void slotsOfAReplicaThatItDoesNotKnowAreNobodys() {
    report();
    var unknown = new ForReplica("another", new Slots(9, 1), ReplicaOrder.OPEN, Elsewhere.NOTHING);
    balancer.grant(0, List.of(unknown));

    assertThat(balancer.slots()).isZero();
    assertThat(balancer.enter(REQUEST)).isEmpty();
  }

  @Test
  void whatIsUnderWayBeyondSlotsThatWereLoweredTakesNoneOfTheOthers() {
    grant(3, 1, 1);
    enter(5);

    grant(0, 2, 1);

    assertThat(balancer.room()).isOne();
    assertThat(balancer.slots()).isEqualTo(3);
    assertThat(place(balancer.enter(REQUEST))).isEqualTo(1);
    assertThat(balancer.isFull()).isTrue();
  }

  @Test
  void aReplicaThatIsClosedGetsNothing() {
    grant(30);
    close(0, 0, false, false);

    assertThat(enter(8)).noneMatch(target -> target.replica() == replicas.get(0));
    assertThat(balancer.letsAnythingIn()).isTrue();
    close(1, 0, false, false);
    close(2, 0, false, false);
    assertThat(balancer.letsAnythingIn()).isFalse();
    assertThat(balancer.enter(REQUEST)).isEmpty();
    assertThat(balancer.isFull()).as("slots there are").isFalse();
  }

  private void close(int replica, long ticket, boolean beyondSlots, boolean forSuspect) {
    Ticket given = new Ticket(ticket, forSuspect ? Bearer.SUSPECT : Bearer.ANY_ROW, beyondSlots);
    ReplicaOrder order = new ReplicaOrder(false, 1, given, new Verdict(0, Judgement.OUTAGE, 1));
    var none =
        balancer.obey(
            List.of(new ForReplica("replica-" + replica, Slots.NONE, order, Elsewhere.NOTHING)));
    assertThat(none).isEmpty();
  }

  @Test
  void aTicketLetsOneInWhereOthersMayNot() {
    grant(1, 1, 1);
    close(1, 1, false, false);
    assertThat(balancer.enterByTicket(Bearer.SUSPECT)).as("not a suspect").isEmpty();

    Target target = balancer.enterByTicket(Bearer.ANY_ROW).orElseThrow();
    target.gate().useTicket();

    assertThat(target.replica()).isSameAs(replicas.get(1));
    assertThat(balancer.underWay()).isOne();
    assertThat(balancer.enterByTicket(Bearer.ANY_ROW)).isEmpty();
  }

  @Test
  void aTicketNeedsASlotUnlessItSaysOtherwise() {
    close(0, 1, false, true);
    assertThat(balancer.enterByTicket(Bearer.SUSPECT)).isEmpty();
    assertThat(balancer.isFull()).isTrue();
    assertThat(balancer.letsAnythingIn()).isTrue();

    close(0, 1, true, true);
    assertThat(balancer.isFull()).isFalse();
    assertThat(balancer.enterByTicket(Bearer.SUSPECT)).isPresent();
  }

  @Test
  void aTicketOpensABreakerThatIsOpen() {
    grant(1, 1, 1);
    trip(0);
    assertThat(replicas.get(0).isHealthy()).isFalse();
    close(0, 1, true, false);

    assertThat(place(balancer.enterByTicket(Bearer.ANY_ROW))).isZero();
    assertThat(replicas.get(0).isHealthy()).isTrue();
  }

  /** Lets attempts fail until the replica's breaker opens. */
  private void trip(int replica) {
    end = EndsOfAttempts.broken();
    WaitingRow row = EndsOfAttempts.row();
    for (int i = 0; i < 10; i++) {
      assertThat(replicas.get(replica).tryAcquire()).isTrue();
      assertThat(replicas.get(replica).attempt(row.request(), row.history())).isCompleted();
    }
    assertThat(replicas.get(replica).isHealthy()).isFalse();
  }

  @Test
  void aReplicaThatFailedGetsOneNowAndThen() {
    grant(30);
    trip(0);
    assertThat(enter(6)).noneMatch(target -> target.replica() == replicas.get(0));

    time.advance(Duration.ofMillis(1_001));

    assertThat(enter(6).stream().filter(target -> target.replica() == replicas.get(0)))
        .as("looks, while others are busier and the rest waits for them")
        .hasSize(2);
  }

  @Test
  void whereAllHaveFailedNothingGoesOutBeforeItsTime() {
    grant(30);
    for (int i = 0; i < 3; i++) {
      trip(i);
    }
    assertThat(balancer.enter(REQUEST)).isEmpty();
    assertThat(balancer.underWay()).isZero();

    time.advance(Duration.ofMillis(1_001));

    assertThat(enter(6)).hasSize(6);
    assertThat(balancer.enter(REQUEST)).isEmpty();
  }

  @Test
  void aSlotForAllThatIsTakenAwayIsKeptFreeUntilItIsGivenBack() {
    grant(2);
    List<Target> entered = enter(2);
    leave(entered.get(0), EndsOfAttempts.status(503));

    assertThat(balancer.takeAway(entered.get(0))).isTrue();

    assertThat(balancer.room()).isZero();
    assertThat(balancer.underWay()).isOne();
    assertThat(report(0).refusals()).isOne();
    balancer.giveBack(entered.get(0));
    assertThat(balancer.room()).isOne();
  }

  @Test
  void whatIsKeptFreeAtAReplicaMakesItTheLesserChoice() {
    grant(9);
    Target first = enter(1).get(0);
    leave(first, EndsOfAttempts.status(503));
    assertThat(balancer.takeAway(first)).isTrue();

    assertThat(enter(2)).noneMatch(target -> target == first);
  }

  @Test
  void aSlotOfAReplicaWhoseLimitIsBeingFoundOutIsGoneForGood() {
    grant(new int[] {2, 2, 2}, new long[] {1, 1, 1});
    report();
    List<Target> entered = enter(3);
    leave(entered.get(1), EndsOfAttempts.status(503));

    assertThat(balancer.takeAway(entered.get(1))).isFalse();

    assertThat(balancer.slots()).isEqualTo(5);
    assertThat(balancer.room()).isEqualTo(3);
    answer(new int[] {2, 2, 2}, new long[] {1, 1, 1});
    assertThat(balancer.slots()).as("the answer does not know of the refusal").isEqualTo(5);
    assertThat(slotsInUse()).containsExactly(2, 1, 2);
    answer(new int[] {2, 2, 2}, new long[] {1, 1, 1});
    assertThat(slotsInUse()).containsExactly(2, 2, 2);
  }

  @Test
  void aRefusalThatMayStopTheJobTakesItsSlotAlongUntilItIsHeardOf() {
    grant(4);
    report();
    Target target = enter(1).get(0);
    leave(target, EndsOfAttempts.status(401));

    balancer.stopRefusal(target);
    assertThat(balancer.slots()).isEqualTo(3);

    balancer.grant(4, List.of());
    balancer.withholdForStopRefusals();
    assertThat(balancer.slots()).as("the answer does not know of it").isEqualTo(3);
    balancer.grant(4, List.of());
    assertThat(balancer.slots()).as("nothing stops a job that had a success").isEqualTo(4);
    report();
    balancer.grant(3, List.of());
    balancer.withholdForStopRefusals();
    assertThat(balancer.slots()).isEqualTo(3);
  }

  @Test
  void answersCountInTheRoundInWhichTheyBegan() {
    grant(new int[] {9, 9, 9}, new long[] {1, 1, 1});
    List<Target> entered = enter(3);
    balancer.leave(entered.get(0), answered(5), 1, 1_000);
    balancer.leave(entered.get(0), EndsOfAttempts.status(400), 1, 1_000);
    assertThat(report(0).round().answers()).isOne();
    assertThat(report(0).round().attemptNanos()).isEqualTo(1_000);
    assertThat(report(0).round().work()).isEqualTo(1_000);
    assertThat(report(0).round().number()).isOne();

    grant(new int[] {9, 9, 9}, new long[] {2, 1, 1});
    balancer.leave(entered.get(0), answered(5), 1, 1_000);
    assertThat(report(0).round().answers()).as("of the round before").isZero();
    balancer.leave(entered.get(0), answered(5), 2, 1_500);
    balancer.leave(entered.get(0), answered(5), 2, 1_500);

    assertThat(report(0).round().number()).isEqualTo(2);
    assertThat(report(0).round().answers()).isEqualTo(2);
    assertThat(report(0).round().attemptNanos()).isEqualTo(3_000);
    assertThat(report(0).round().work()).isEqualTo(2_000);
    assertThat(report(1).round().number()).isOne();
  }

  private boolean answersBearOut(Target target, int count) {
    boolean complete = false;
    for (int i = 0; i < count; i++) {
      leave(target, answered(1));
      assertThat(complete).isFalse();
      complete = balancer.bearsOutGrowth(target);
    }
    return complete;
  }

  @Test
  void aRoundOfMoreSlotsThanBeforeIsToldOfAsSoonAsItsAnswersAreThere() {
    grant(new int[] {4, 4, 4}, new long[] {1, 1, 1});
    Target target = enter(1).get(0);
    assertThat(answersBearOut(target, 100)).as("the first round").isFalse();

    grant(new int[] {8, 4, 3}, new long[] {2, 2, 2});
    int needed = 1;
    while (!AdaptiveLimit.isRound(needed, 8)) {
      needed++;
    }
    assertThat(answersBearOut(target, needed)).isTrue();
    leave(target, answered(1));
    assertThat(balancer.bearsOutGrowth(target)).as("once").isFalse();

    for (Target other : enter(2)) {
      assertThat(answersBearOut(other, 100)).isFalse();
    }
  }

  @Test
  void timeOutsOnConnectionsThatNeverAnsweredAreCounted() {
    grant(3);
    Target target = enter(1).get(0);
    leave(target, EndsOfAttempts.timedOut());
    assertThat(report(0).silence().timeouts()).isZero();

    TransportException unheard = new TransportException(Kind.TIMED_OUT, "scripted", null, true);
    leave(target, new Attempt(StatusMeaning.TIMED_OUT, null, null, unheard, Optional.empty()));

    assertThat(report(0).silence().timeouts()).isOne();
    assertThat(report(1).silence().timeouts()).isZero();
  }
}
