package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.RateState.Bound;
import io.batchinfer.quota.ReplicaSigns.Failed;
import io.batchinfer.quota.ReplicaSigns.UsedTicket;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a run is said to wait for, and which of two things that hold it at once. */
class RateStateTest {
  private static final int SLOTS = 10;
  private static final ReplicaSigns LOST =
      new ReplicaSigns(0, new Failed(4, 0, 0, 0, Sign.BROKEN), UsedTicket.NONE, 0, 0);

  private final VirtualTime time = new VirtualTime();
  private boolean mayGrant = true;
  private EndpointQuota endpoint;
  private QuotaAuthority run;

  @BeforeEach
  void begin() {
    limit(0, 0);
  }

  private void limit(long requestsPerMinute, long tokensPerMinute) {
    endpoint =
        new EndpointQuota(
            new QuotaLimits(SLOTS, requestsPerMinute, tokensPerMinute, Duration.ofMinutes(10)),
            time,
            time);
    run = run();
  }

  private QuotaAuthority run() {
    return new QuotaAuthority(
        endpoint,
        QuotaGroup.of(1),
        List.of(),
        Duration.ofSeconds(10),
        Duration.ofSeconds(600),
        () -> mayGrant);
  }

  private static Told process() {
    return new Told("process").ended(StatusMeaning.ANSWERED, 1);
  }

  private void tell(Told told) {
    tell(run, told);
  }

  private static void tell(QuotaAuthority to, Told told) {
    told.number++;
    var unused = to.ask(told.message());
  }

  private Bound bound() {
    return run.state().bound();
  }

  @Test
  void nobodyWaitsForAnythingBeforeAProcessIsThere() {
    assertThat(run.state()).isEqualTo(new RateState(SLOTS, 0, 0, Bound.NONE));
  }

  @Test
  void aProcessWithoutARowThatWaitsIsShortOfRows() {
    tell(process().inFlight(SLOTS));

    assertThat(bound()).isEqualTo(Bound.ROWS);
  }

  @Test
  void rowsThatWaitWhileMostSlotsAreFreeAreHeldByNothing() {
    tell(process().waiting(3).inFlight(SLOTS - 2));

    assertThat(bound()).isEqualTo(Bound.NONE);
  }

  @Test
  void ofTenSlotsNineUnderWayAreAllOfThem() {
    tell(process().waiting(3).inFlight(SLOTS - 1));

    assertThat(bound()).isEqualTo(Bound.CONCURRENCY);
  }

  @Test
  void theSlotsAreThoseOfAllRunsThatShareTheEndpoint() {
    QuotaAuthority other = run();
    tell(process().waiting(3).inFlight(4));
    assertThat(bound()).isEqualTo(Bound.NONE);

    tell(other, new Told("other").ended(StatusMeaning.ANSWERED, 1).inFlight(5));

    assertThat(bound()).isEqualTo(Bound.CONCURRENCY);
  }

  @Test
  void aPauseBoundsUntilItIsOver() {
    Told process = process().waiting(3).inFlight(SLOTS);
    process.coolDownNanos = Duration.ofSeconds(7).toNanos();
    tell(process);
    assertThat(bound()).as("rather than the slots").isEqualTo(Bound.PAUSE);

    time.advance(Duration.ofSeconds(7).minusNanos(1));
    assertThat(bound()).isEqualTo(Bound.PAUSE);
    time.advance(Duration.ofNanos(1));

    assertThat(bound()).isEqualTo(Bound.CONCURRENCY);
  }

  @Test
  void aPauseBoundsAlsoWhereNoRowWaits() {
    Told process = process();
    process.coolDownNanos = 1;
    tell(process);

    assertThat(bound()).isEqualTo(Bound.PAUSE);
  }

  /** Four attempts are lost at a replica, with nothing answered since; others may answer. */
  private void losesTheFirst(ReplicaReport... others) {
    Told process = process().waiting(3);
    List<ReplicaReport> before = new ArrayList<>(List.of(Told.underWay(4)));
    before.addAll(List.of(others));
    process.replicas = before;
    tell(process);
    List<ReplicaReport> after = new ArrayList<>(List.of(Told.of("replica-0", LOST)));
    after.addAll(List.of(others));
    process.replicas = after;
    process.coolDownNanos = Duration.ofHours(1).toNanos();
    tell(process);
    time.advance(Duration.ofSeconds(1));
    process.coolDownNanos = 0;
    tell(process);
  }

  @Test
  void anEndpointThatIsAwayBoundsRatherThanItsPause() {
    losesTheFirst();

    assertThat(bound()).isEqualTo(Bound.ENDPOINT_AWAY);
  }

  @Test
  void anEndpointOfWhichOneReplicaIsThereIsNotAway() {
    losesTheFirst(ReplicaReport.of("replica-1"));

    assertThat(endpoint.absence(run)).as("of the other").isPresent();
    assertThat(bound()).isEqualTo(Bound.PAUSE);
  }

  @Test
  void whereNothingMayBeSentNothingBounds() {
    tell(process().waiting(3).inFlight(SLOTS));

    mayGrant = false;

    assertThat(bound()).isEqualTo(Bound.NONE);
  }

  @ParameterizedTest
  @CsvSource({
    "60, 0, REQUESTS",
    "0, 600, TOKENS",
    "60, 600, REQUESTS",
  })
  void aRateBoundsBeforeTheSlotsUntilItsNextMoment(long requests, long tokens, Bound rate) {
    limit(requests, tokens);
    tell(process().waiting(3).inFlight(SLOTS));
    assertThat(run.state()).isEqualTo(new RateState(SLOTS, requests, tokens, rate));

    time.advance(Duration.ofSeconds(1));

    assertThat(bound()).isEqualTo(Bound.CONCURRENCY);
  }

  @Test
  void tokensThatComeLaterThanTheNextRequestBound() {
    limit(600, 600);
    Told process = process().waiting(3).inFlight(1);
    tell(process);
    time.advance(Duration.ofSeconds(1));
    assertThat(bound()).as("both may go").isEqualTo(Bound.NONE);

    process.wantedRows = 1;
    process.costs = new long[] {300};
    tell(process);
    assertThat(bound()).as("a tenth of a second and half a minute").isEqualTo(Bound.TOKENS);

    time.advance(Duration.ofSeconds(31));
    assertThat(bound()).isEqualTo(Bound.NONE);
  }

  @Test
  void aLimitThatTheEndpointStatesIsShownAndBounds() {
    Told process = process().waiting(3);
    process.stated = new StatedLimits(120, 9_000);

    tell(process);

    assertThat(run.state()).isEqualTo(new RateState(SLOTS, 120, 9_000, Bound.REQUESTS));
  }
}
