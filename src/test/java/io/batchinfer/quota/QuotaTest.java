package io.batchinfer.quota;

import static io.batchinfer.quota.SimulatedCluster.attempt;
import static io.batchinfer.quota.SimulatedCluster.concurrency;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.quota.SimulatedCluster.Node;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuotaTest {
  private static QuotaLimits rate(int concurrency, long requestsPerMinute) {
    return new QuotaLimits(concurrency, requestsPerMinute, 0, Duration.ofMinutes(10));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1,16", "3,16", "10,16", "10,7", "4,100"})
  void allSlotsAndNoMoreAreUsed(int sessions, int slots) {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(slots), sessions, 1);
    cluster.nodes.forEach(node -> node.feed(2_000));
    cluster.start();

    cluster.advanceSeconds(5);
    int doneBefore = cluster.done();
    for (int i = 0; i < 100; i++) {
      cluster.advanceSeconds(0.1);
      assertThat(cluster.underWay).isEqualTo(slots);
    }

    assertThat(cluster.peak).isEqualTo(slots);
    assertThat(cluster.done() - doneBefore).isEqualTo(10 * slots);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void slotsFollowTheDemandAndAreNeverExceededWhenMessagesGetLost(long seed) {
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 6, seed);
    cluster.loss = 0.2;
    cluster.latency = at -> Duration.ofMillis(50 + random.nextInt(4_000));
    cluster.start();
    int fed = 0;
    for (int i = 0; i < 200; i++) {
      Node node = cluster.nodes.get(random.nextInt(6));
      int requests = random.nextInt(60);
      node.feed(requests);
      fed += requests;
      cluster.advanceSeconds(random.nextDouble() * 3);
      assertThat(cluster.peak).isLessThanOrEqualTo(20);
    }
    cluster.loss = 0;
    cluster.advanceSeconds(2_000);

    assertThat(cluster.peak).isEqualTo(20);
    assertThat(cluster.done()).isEqualTo(fed);
  }

  @Test
  void slotsMoveToTheSessionThatHasWork() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    Node first = cluster.nodes.get(0);
    Node second = cluster.nodes.get(1);
    first.feed(300);
    cluster.start();
    cluster.advanceSeconds(5);
    assertThat(first.underWayHere).isEqualTo(20);

    second.feed(300);
    cluster.advanceSeconds(3);
    assertThat(first.underWayHere).isEqualTo(10);
    assertThat(second.underWayHere).isEqualTo(10);

    cluster.advanceSeconds(60);
    assertThat(cluster.done()).isEqualTo(600);
    assertThat(cluster.peak).isEqualTo(20);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 10})
  void fourGoOutBeforeTheFirstSuccessWhichOpensAllAtOnce(int sessions) {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(50), sessions, 1);
    cluster.latency = at -> Duration.ofSeconds(at < 1_000_000_000L ? 8 : 2);
    cluster.nodes.forEach(node -> node.feed(1_000));
    cluster.start();

    cluster.advanceSeconds(7.9);
    assertThat(cluster.starts).hasSize(4);
    assertThat(cluster.authority.hasSucceeded()).isFalse();

    cluster.advanceSeconds(0.4);
    assertThat(cluster.authority.hasSucceeded()).isTrue();
    cluster.advanceSeconds(0.4);
    assertThat(cluster.underWay).isEqualTo(50);
  }

  @Test
  void theSessionWithTheFirstSuccessGoesOnWithinTwoRoundTrips() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(50), 1, 1);
    cluster.nodes.get(0).feed(1_000);
    cluster.start();

    cluster.advanceSeconds(1.02);

    assertThat(cluster.underWay).isEqualTo(50);
  }

  @ParameterizedTest
  @CsvSource({"1,600", "3,600", "10,600", "2,60", "3,6000"})
  void theRateIsKeptInEveryMinuteAndUsed(int sessions, int perMinute) {
    SimulatedCluster cluster = new SimulatedCluster(rate(400, perMinute), sessions, 1);
    cluster.nodes.forEach(node -> node.feed(8 * perMinute));
    cluster.start();

    cluster.advanceSeconds(6 * 60);

    assertThat(cluster.busiestMinute()).isLessThanOrEqualTo(perMinute);
    assertThat(cluster.startsBetween(60, 360)).isGreaterThanOrEqualTo(perMinute * 5L * 95 / 100);
  }

  @Test
  void whatAStallKeptFromBeingSentIsNotCaughtUp() {
    SimulatedCluster cluster = new SimulatedCluster(rate(200, 120), 2, 1);
    cluster.latency =
        at -> Duration.ofSeconds(at < 5_000_000_000L ? 1 : Math.max(1, 300 - at / 1_000_000_000L));
    cluster.nodes.forEach(node -> node.feed(2_000));
    cluster.start();

    cluster.advanceSeconds(600);

    assertThat(cluster.busiestMinute()).isLessThanOrEqualTo(120);
    assertThat(cluster.startsBetween(360, 600)).isGreaterThanOrEqualTo(4 * 114);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void theSmallestRatesLetSomethingThrough(int perMinute) {
    SimulatedCluster cluster = new SimulatedCluster(rate(4, perMinute), 2, 1);
    cluster.nodes.forEach(node -> node.feed(100));
    cluster.start();

    cluster.advanceSeconds(30 * 60);

    assertThat(cluster.starts).hasSizeGreaterThanOrEqualTo(10 * perMinute);
    assertThat(cluster.busiestMinute()).isLessThanOrEqualTo(perMinute);
  }

  @Test
  void lostGrantsComeBack() {
    SimulatedCluster cluster = new SimulatedCluster(rate(100, 6_000), 3, 7);
    cluster.nodes.forEach(node -> node.feed(20_000));
    cluster.start();
    cluster.loss = 0.3;
    cluster.advanceSeconds(120);
    cluster.loss = 0;
    cluster.latency = at -> Duration.ofMillis(100);
    cluster.advanceSeconds(120);

    assertThat(cluster.busiestMinute()).isLessThanOrEqualTo(6_000);
    assertThat(cluster.startsBetween(125, 240)).isGreaterThanOrEqualTo(115L * 95);
  }

  @Test
  void rowsOfALostAnswerAreNotCaughtUp() {
    SimulatedCluster cluster = new SimulatedCluster(rate(4, 60), 1, 1);
    cluster.advanceSeconds(10);
    QuotaAuthority authority = cluster.authority;

    QuotaReply lost = authority.ask(request(1)).toCompletableFuture().join();
    var again = authority.ask(request(1)).toCompletableFuture();

    assertThat(lost.rows().count()).isEqualTo(1);
    assertThat(again).isNotCompleted();
    cluster.advanceSeconds(0.6);
    assertThat(again.join().rows().count()).isZero();
    cluster.advanceSeconds(0.5);
    assertThat(authority.ask(request(1)).toCompletableFuture().join().rows().count()).isEqualTo(1);
  }

  private static QuotaRequest request(int wantedRows) {
    Told told = new Told("session").waiting(1);
    told.slots = 4;
    told.wantedRows = wantedRows;
    told.roundTripNanos = 1_000_000;
    return told.message();
  }

  @Test
  void aPauseThatOneSessionIsToldHoldsForAll() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 4, 1);
    cluster.answers =
        n ->
            n == 100
                ? attempt(StatusMeaning.THROTTLED, 429, Optional.of(Duration.ofSeconds(7)))
                : SimulatedCluster.answered();
    cluster.nodes.forEach(node -> node.feed(1_000));
    cluster.start();
    while (cluster.starts.size() <= 100) {
      cluster.advanceSeconds(0.01);
    }
    double toldAt = cluster.time.nanos() / 1e9 + 1;

    cluster.advanceSeconds(20);

    assertThat(cluster.startsBetween(toldAt + 0.5, toldAt + 6.9)).isZero();
    assertThat(cluster.startsBetween(toldAt + 6.9, toldAt + 7.9)).isGreaterThanOrEqualTo(20);
  }

  @Test
  void aPauseBeyondTheLimitStopsTheJob() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.answers =
        n -> attempt(StatusMeaning.THROTTLED, 429, Optional.of(Duration.ofMinutes(11)));
    cluster.nodes.forEach(node -> node.feed(100));
    cluster.start();

    cluster.advanceSeconds(5);

    assertThat(cluster.authority.stopReason().map(StopReason::code))
        .contains(ErrorCode.COOL_DOWN_TOO_LONG);
  }

  @ParameterizedTest
  @CsvSource({
    "1,NOT_FOUND,404,MODEL_NOT_FOUND",
    "3,NOT_FOUND,404,MODEL_NOT_FOUND",
    "10,UNKNOWN_MODEL,404,MODEL_NOT_FOUND",
    "1,UNAUTHORIZED,401,AUTHENTICATION_FAILED",
    "3,UNAUTHORIZED,401,AUTHENTICATION_FAILED",
    "10,FORBIDDEN,403,AUTHENTICATION_FAILED"
  })
  void aJobThatIsRefusedStopsAfterFourRequests(
      int sessions, StatusMeaning meaning, int status, ErrorCode code) {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(50), sessions, 3);
    Random random = new Random(3);
    cluster.latency = at -> Duration.ofMillis(100 + random.nextInt(2_000));
    cluster.answers = n -> attempt(meaning, status, Optional.empty());
    cluster.nodes.forEach(node -> node.feed(100));
    cluster.start();

    cluster.advanceSeconds(60);

    assertThat(cluster.authority.stopReason())
        .contains(new StopReason(code, "status " + status + ": scripted"));
    assertThat(cluster.starts).hasSizeLessThanOrEqualTo(4);
    assertThat(cluster.nodes).allMatch(node -> node.session.isStopped() && node.stops == 1);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void someUnknownModelsAmongTheFirstRequestsDoNotStopTheRest(int refused) {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(10), 1, 1);
    cluster.answers =
        n ->
            n < refused
                ? attempt(StatusMeaning.UNKNOWN_MODEL, 404, Optional.empty())
                : n < 10
                    ? attempt(StatusMeaning.REFUSED, 400, Optional.empty())
                    : SimulatedCluster.answered();
    cluster.nodes.get(0).feed(100);
    cluster.start();

    cluster.advanceSeconds(60);

    assertThat(cluster.authority.stopReason()).isEmpty();
    assertThat(cluster.done()).isEqualTo(100);
  }

  @Test
  void aSessionThatLeavesGivesItsSlotsBack() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.nodes.forEach(node -> node.feed(10));
    cluster.start();
    cluster.advanceSeconds(4);
    Node leaving = cluster.nodes.get(0);
    Node staying = cluster.nodes.get(1);
    leaving.session.close();
    cluster.authority.leave("session-0");
    staying.feed(1_000);

    cluster.advanceSeconds(1);

    assertThat(staying.underWayHere).isEqualTo(20);
    assertThat(cluster.authority.progress().settled()).isGreaterThanOrEqualTo(20);
  }

  @Test
  void slotsOfASilentSessionComeBackOnlyAfterTheRetention() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.nodes.forEach(node -> node.feed(5_000));
    cluster.latency = at -> Duration.ofSeconds(2);
    cluster.start();
    cluster.advanceSeconds(10);
    Node silent = cluster.nodes.get(0);
    Node other = cluster.nodes.get(1);
    silent.cutOff = true;

    cluster.advanceSeconds(8);
    assertThat(silent.session.maySend()).isFalse();
    assertThat(silent.underWayHere).isZero();
    cluster.advanceSeconds(11);
    assertThat(other.underWayHere).isEqualTo(10);
    cluster.advanceSeconds(4);
    assertThat(other.underWayHere).isEqualTo(20);

    silent.cutOff = false;
    cluster.advanceSeconds(10);
    assertThat(silent.underWayHere).isEqualTo(10);
    assertThat(cluster.peak).isEqualTo(20);
  }

  @Test
  void aSessionThatComesBackAfterTheRetentionIsNotCountedTwice() {
    SimulatedCluster cluster = new SimulatedCluster(rate(100, 600), 2, 1);
    cluster.nodes.forEach(node -> node.feed(5_000));
    cluster.start();
    cluster.advanceSeconds(120);
    Node silent = cluster.nodes.get(0);
    silent.cutOff = true;
    cluster.advanceSeconds(40);
    silent.cutOff = false;
    cluster.advanceSeconds(120);

    assertThat(cluster.startsBetween(170, 280)).isGreaterThanOrEqualTo(110L * 95 / 10);
    assertThat(cluster.authority.progress().settled())
        .isLessThanOrEqualTo(cluster.done())
        .isGreaterThan(cluster.done() - 20);
    assertThat(cluster.busiestMinute()).isLessThanOrEqualTo(600);
  }

  @Test
  void anOwnerThatMayNotGrantLetsNothingOut() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.nodes.forEach(node -> node.feed(1_000));
    cluster.mayGrant = false;
    cluster.start();

    cluster.advanceSeconds(10);

    assertThat(cluster.starts).isEmpty();
    assertThat(cluster.nodes).noneMatch(node -> node.session.maySend());
    assertThat(cluster.nodes).noneMatch(node -> node.session.isStopped());
  }

  @Test
  void anOwnerThatLosesTheRightToGrantEndsTheSending() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.nodes.forEach(node -> node.feed(1_000));
    cluster.start();
    cluster.advanceSeconds(5);
    assertThat(cluster.nodes).allMatch(node -> node.session.maySend());
    cluster.mayGrant = false;

    cluster.advanceSeconds(0.5);
    int sent = cluster.starts.size();
    cluster.advanceSeconds(20);

    assertThat(cluster.starts).hasSize(sent);
    assertThat(cluster.nodes).noneMatch(node -> node.session.maySend());
    cluster.mayGrant = true;
    cluster.advanceSeconds(2);
    assertThat(cluster.underWay).isEqualTo(20);
  }

  @Test
  void aSessionThatHearsNothingMayNotSendOnceTheFenceHasRunOut() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 1, 1);
    Node node = cluster.nodes.get(0);
    node.feed(1_000);
    cluster.start();
    cluster.advanceSeconds(3);
    node.cutOff = true;

    cluster.advanceSeconds(4.5);
    assertThat(node.session.maySend()).isTrue();
    cluster.advanceSeconds(0.6);
    assertThat(node.session.maySend()).isFalse();
    int sent = cluster.starts.size();
    cluster.advanceSeconds(60);
    assertThat(cluster.starts).hasSize(sent);
  }

  @Test
  void aSessionThatAloneCannotReachTheEndpointIsRecognised() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 3, 1);
    cluster.nodes.forEach(node -> node.feed(5_000));
    cluster.start();
    cluster.advanceSeconds(5);
    cluster.nodes.get(0).withoutEndpoint = true;

    cluster.advanceSeconds(50);
    assertThat(cluster.authority.hasLostEndpoint("session-0")).isFalse();
    cluster.advanceSeconds(20);

    assertThat(cluster.authority.hasLostEndpoint("session-0")).isTrue();
    assertThat(cluster.authority.hasLostEndpoint("session-1")).isFalse();
    assertThat(cluster.authority.stopReason()).isEmpty();
    assertThat(cluster.authority.takeNotes())
        .singleElement()
        .asString()
        .contains("cannot reach the endpoint, others can (no route)");
  }

  @Test
  void anEndpointThatNobodyReachesIsNotAnExecutorsFault() {
    SimulatedCluster cluster = new SimulatedCluster(concurrency(20), 2, 1);
    cluster.nodes.forEach(node -> node.feed(5_000));
    cluster.start();
    cluster.advanceSeconds(5);
    cluster.nodes.forEach(node -> node.withoutEndpoint = true);

    cluster.advanceSeconds(300);
    assertThat(cluster.authority.hasLostEndpoint("session-0")).isFalse();
    assertThat(cluster.authority.stopReason()).isEmpty();
    cluster.advanceSeconds(400);

    assertThat(cluster.authority.stopReason().map(StopReason::code))
        .contains(ErrorCode.HOST_UNREACHABLE);
  }
}
