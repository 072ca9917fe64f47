package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.answered;
import static io.batchinfer.quota.EndsOfAttempts.broken;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.ReplicaReport.Silence;
import io.batchinfer.quota.WatchedReplicas.Call;
import io.batchinfer.quota.WatchedReplicas.Sender;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replicas that only some processes know, that come later, and that go. */
class ReplicasTest {
  private static final Duration RETENTION = Duration.ofSeconds(20);

  private final VirtualTime time = new VirtualTime();
  private final EndpointQuota endpoint =
      new EndpointQuota(SimulatedCluster.concurrency(0), time, time);
  private final QuotaAuthority run = run();

  private QuotaAuthority run() {
    return new QuotaAuthority(
        endpoint, QuotaGroup.of(1), List.of(), Duration.ofSeconds(5), RETENTION, () -> true);
  }

  private QuotaReply ask(String process, String... names) {
    Told told = new Told(process).waiting(1_000).ended(StatusMeaning.ANSWERED, 1);
    told.replicas = new ArrayList<>();
    for (String name : names) {
      told.replicas.add(ReplicaReport.of(name));
    }
    return run.ask(told.message()).toCompletableFuture().join();
  }

  private static List<String> names(QuotaReply reply) {
    return reply.replicas().stream().map(ForReplica::name).toList();
  }

  private static int slots(QuotaReply reply, String name) {
    return reply.replicas().stream()
        .filter(replica -> replica.name().equals(name))
        .mapToInt(replica -> replica.slots().count())
        .sum();
  }

  /** Slots of a replica of which nothing has been learned. */
  private static int ofOne() {
    VirtualTime time = new VirtualTime();
    EndpointQuota fresh = new EndpointQuota(SimulatedCluster.concurrency(0), time, time);
    QuotaAuthority run =
        new QuotaAuthority(
            fresh, QuotaGroup.of(1), List.of(), Duration.ofSeconds(5), RETENTION, () -> true);
    var unused = run.ask(new Told("any").message());
    assertThat(fresh.slots()).isPositive();
    return fresh.slots();
  }

  @Test
  void whatOneProcessAloneKnowsIsItsOwn() {
    ask("both", "a", "b");
    QuotaReply one = ask("one", "a");
    QuotaReply both = ask("both", "a", "b");

    assertThat(names(one)).containsExactly("a");
    assertThat(names(both)).containsExactly("a", "b");
    assertThat(endpoint.slots()).isEqualTo(2 * ofOne());
    assertThat(slots(both, "b")).as("nobody shares it").isEqualTo(ofOne());
    assertThat(slots(both, "a")).isEqualTo(ofOne() / 2);
    assertThat(slots(ask("one", "a"), "a")).isEqualTo(ofOne() / 2);
  }

  @Test
  void theOrderInWhichTheyAreReportedDoesNotMatter() {
    QuotaReply first = ask("first", "a", "b");
    QuotaReply second = ask("second", "b", "a");
    assertThat(slots(first, "a") + slots(second, "a")).isEqualTo(ofOne());
    assertThat(slots(first, "b") + slots(second, "b")).isEqualTo(ofOne());
    assertThat(names(second)).containsExactly("b", "a");
  }

  @Test
  void oneThatComesLaterHasSlotsOfItsOwnAtOnce() {
    assertThat(slots(ask("first", "a"), "a")).isEqualTo(ofOne());
    assertThat(endpoint.slots()).isEqualTo(ofOne());

    QuotaReply later = ask("second", "b", "a");

    assertThat(slots(later, "b")).isEqualTo(ofOne());
    assertThat(slots(later, "a")).as("the first has them").isZero();
    assertThat(names(ask("first", "a"))).containsExactly("a");
  }

  @Test
  void oneThatNobodyReportsAnyMoreTakesNoSlots() {
    ask("first", "a", "b");
    ask("second", "a", "b");
    ask("first", "a");
    assertThat(endpoint.slots()).as("one still knows it").isEqualTo(2 * ofOne());

    QuotaReply second = ask("second", "a");

    assertThat(names(second)).containsExactly("a");
    assertThat(endpoint.slots()).isEqualTo(ofOne());
    assertThat(slots(ask("second", "b", "a"), "b")).as("it is a new one").isEqualTo(ofOne());
  }

  @Test
  void whoLeavesTakesAlongWhatNobodyElseKnows() {
    ask("stays", "a");
    ask("leaves", "b");
    run.leave("leaves");
    ask("stays", "a");

    assertThat(endpoint.slots()).isEqualTo(ofOne());
  }

  @Test
  void andSoDoesWhoFallsSilent() {
    ask("stays", "a");
    ask("silent", "b");
    time.advance(RETENTION.plusSeconds(1));
    ask("stays", "a");
    ask("stays", "a");
    assertThat(endpoint.slots()).isEqualTo(ofOne());

    QuotaReply back = ask("silent", "b");

    assertThat(slots(back, "b")).isEqualTo(ofOne());
    assertThat(endpoint.slots()).isEqualTo(2 * ofOne());
  }

  @Test
  void aRunThatEndsTakesItsOwnAlong() {
    ask("stays", "a");
    QuotaAuthority other = run();
    Told told = new Told("other");
    told.replicas = List.of(ReplicaReport.of("b"));
    var unused = other.ask(told.message());
    assertThat(endpoint.slots()).isEqualTo(2 * ofOne());

    other.close();
    ask("stays", "a");

    assertThat(endpoint.slots()).isEqualTo(ofOne());
  }

  @Test
  void whoAsksForARunThatHasEndedGetsAndLeavesNothing() {
    ask("early", "a");
    QuotaAuthority other = run();
    run.close();

    QuotaReply late = ask("late", "b");

    assertThat(late.leave().stopped()).isTrue();
    assertThat(late.replicas()).isEmpty();
    assertThat(late.leave().fenceNanos()).isZero();
    Told told = new Told("other");
    told.replicas = List.of(ReplicaReport.of("a"));
    var unused = other.ask(told.message());
    assertThat(endpoint.slots()).isEqualTo(ofOne());
  }

  @Test
  void whileNobodyIsThereNothingIsForgotten() {
    Told told = new Told("first");
    told.replicas =
        List.of(
            new ReplicaReport(
                "a",
                0,
                UnderWay.NOTHING,
                0,
                ReplicaReport.Round.NONE,
                new Silence(0, 77),
                ReplicaSigns.NONE));
    var unused = run.ask(told.message());
    run.leave("first");

    ForReplica known = ask("second", "a").replicas().get(0);

    assertThat(known.elsewhere().usualNanos()).isEqualTo(77);
    assertThat(ask("second", "b").replicas().get(0).elsewhere().usualNanos()).isZero();
    assertThat(ask("second", "a").replicas().get(0).elsewhere().usualNanos())
        .as("it had gone meanwhile")
        .isZero();
  }

  @Test
  void oneThatIsAwayIsForgottenWithItsOutage() {
    WatchedReplicas replicas = new WatchedReplicas(2);
    Sender first = replicas.process();
    Sender second = replicas.process();
    first.known.remove(1);
    second.known.remove(0);
    second.report();
    goesAway(replicas, first);
    assertThat(replicas.absence().orElseThrow().replica()).isEqualTo("replica-0");
    assertThat(replicas.absence().orElseThrow().all()).as("another is there").isFalse();

    second.known.clear();
    second.known.add(0);
    second.report();
    assertThat(replicas.absence().orElseThrow().all()).isTrue();

    second.known.clear();
    second.known.add(1);
    second.report();
    replicas.forget(first);
    assertThat(replicas.absence()).isEmpty();
  }

  private static Call[] goesAway(WatchedReplicas replicas, Sender process) {
    process.end(answered(), process.send(0));
    process.report();
    Call[] lost = process.send(0, 4);
    process.report();
    process.end(broken(), lost);
    process.report();
    replicas.pass(0.5);
    process.report();
    assertThat(replicas.absence()).isPresent();
    return lost;
  }

  @Test
  void theOneThatIsAwayIsLookedAtByAProcessThatKnowsItWhateverRowsOthersHave() {
    WatchedReplicas replicas = new WatchedReplicas(2);
    Sender first = replicas.process();
    Sender second = replicas.process();
    first.known.remove(1);
    second.known.remove(0);
    second.report();
    goesAway(replicas, first);
    first.waiting = 1;
    first.suspects = 1;
    first.report();
    replicas.pass(1);
    first.report();

    assertThat(first.hasTicket()).as("the other has ordinary rows, but not for it").isTrue();
  }

  @Test
  void suspectsAreTriedWhereTheirProcessCanSendThem() {
    WatchedReplicas replicas = new WatchedReplicas(2);
    Sender first = replicas.process();
    Sender second = replicas.process();
    first.known.remove(0);
    second.known.remove(1);
    second.report();
    first.suspects = 1;
    first.report();
    second.report();
    first.report();
    first.report();

    assertThat(second.gates[0].isOpen()).as("nobody with suspects knows it").isTrue();
    assertThat(first.gates[1].hasTicket()).isTrue();
    first.suspects = 0;
    first.end(answered(), first.sendByTicket(1, 2));
    first.report();
    assertThat(first.gates[1].isOpen()).isTrue();
  }
}
