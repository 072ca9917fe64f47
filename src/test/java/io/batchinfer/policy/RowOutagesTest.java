package io.batchinfer.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.policy.RowOutages.Next;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How often a row is sent again for outages, and when it counts as their cause. */
class RowOutagesTest {
  private static final int ATTEMPTS = 5;

  private final RowOutages row = new RowOutages();

  private Next after(OutageVerdict verdict, long outage, boolean lost) {
    return after(verdict, outage, lost, 1);
  }

  private Next after(OutageVerdict verdict, long outage, boolean lost, int resends) {
    row.judged(verdict, outage, lost);
    return row.next(resends, ATTEMPTS, false);
  }

  @Test
  void anAttemptOfItsOwnIsForTheTable() {
    assertThat(after(OutageVerdict.OWN, 0, true)).isEqualTo(Next.BY_TABLE);
    assertThat(row.mayHaveRun()).isFalse();
    assertThat(row.count()).isZero();
  }

  @Test
  void aRowOfTwoOutagesIsASuspectAndEndsWhenItIsAloneInTheThird() {
    assertThat(after(OutageVerdict.SHARED, 1, true)).isEqualTo(Next.AGAIN);
    assertThat(row.isSuspect()).isFalse();
    assertThat(after(OutageVerdict.SHARED, 2, true)).isEqualTo(Next.AGAIN);
    assertThat(row.isSuspect()).isTrue();
    assertThat(row.mayHaveRun()).isTrue();
    assertThat(after(OutageVerdict.CRASHED, 3, true)).isEqualTo(Next.CRASHES_ENDPOINT);
    assertThat(row.mayHaveRun()).isTrue();
  }

  @Test
  void aRowThatOthersAreSentBesideForEverIsGivenUp() {
    for (int outage = 1; outage < 6; outage++) {
      assertThat(after(OutageVerdict.SHARED, outage, true))
          .as("outage " + outage)
          .isEqualTo(Next.AGAIN);
    }
    assertThat(after(OutageVerdict.SHARED, 6, true)).isEqualTo(Next.CRASHES_ENDPOINT);
  }

  @Test
  void whatIsLostBesideAnOutageIsSentAgainOnceForThatOutage() {
    assertThat(after(OutageVerdict.RESET, 1, true)).isEqualTo(Next.AGAIN);
    assertThat(after(OutageVerdict.RESET, 1, true)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void itIsSentAgainForTheNextOutageWhateverItLostInOthers() {
    assertThat(after(OutageVerdict.SHARED, 1, true)).isEqualTo(Next.AGAIN);
    assertThat(after(OutageVerdict.RESET, 2, true)).isEqualTo(Next.AGAIN);
    assertThat(after(OutageVerdict.SHARED, 3, true)).isEqualTo(Next.AGAIN);
    assertThat(after(OutageVerdict.RESET, 4, true)).isEqualTo(Next.AGAIN);
  }

  @Test
  void whatIsLostAgainBesideItsOutageIsNotItsCause() {
    assertThat(after(OutageVerdict.SHARED, 1, true)).isEqualTo(Next.AGAIN);
    assertThat(after(OutageVerdict.RESET, 1, true)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void lossesBesideOutagesHaveAnEndToo() {
    for (int outage = 1; outage < 6; outage++) {
      assertThat(after(OutageVerdict.RESET, outage, true))
          .as("outage " + outage)
          .isEqualTo(Next.AGAIN);
    }
    assertThat(after(OutageVerdict.RESET, 6, true)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void moreRepeatsForAnOutageAreMoreInAll() {
    for (int loss = 0; loss < 11; loss++) {
      assertThat(after(OutageVerdict.RESET, loss / 2, true, 2))
          .as("loss " + loss)
          .isEqualTo(Next.AGAIN);
    }
    assertThat(after(OutageVerdict.RESET, 6, true, 2)).isEqualTo(Next.GIVE_UP);
  }

  @ParameterizedTest
  @CsvSource({"SHARED", "RESET", "COLD_RESET"})
  void nothingThatMayHaveRunIsSentAgainWhereThatIsForbidden(OutageVerdict verdict) {
    assertThat(after(verdict, 1, true, 0)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void whatASharedOutageTurnedAwayIsSentAgainAllTheSame() {
    assertThat(after(OutageVerdict.SHARED, 1, false, 0)).isEqualTo(Next.AGAIN);
    assertThat(row.mayHaveRun()).isFalse();
  }

  @Test
  void anEndpointThatNeverAnsweredIsTriedAsOftenAsAnyOther() {
    for (int attempt = 1; attempt < ATTEMPTS; attempt++) {
      assertThat(after(OutageVerdict.COLD_RESET, 1, true)).isEqualTo(Next.AGAIN);
    }
    assertThat(after(OutageVerdict.COLD_RESET, 1, true)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void anEndpointThatIsWaitedForMayBreakConnectionsForEver() {
    for (int attempt = 0; attempt < 10 * ATTEMPTS; attempt++) {
      row.judged(OutageVerdict.COLD_RESET, 1, true);
      assertThat(row.next(1, ATTEMPTS, true)).isEqualTo(Next.AGAIN);
    }
  }

  @Test
  void whoIsTurnedAwayAgainAndAgainIsAlone() {
    for (int look = 1; look < 2 * ATTEMPTS; look++) {
      assertThat(after(OutageVerdict.TURNED_AWAY, 1, false))
          .as("look " + look)
          .isEqualTo(Next.AGAIN);
    }
    assertThat(after(OutageVerdict.TURNED_AWAY, 1, false)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void whoFindsNoConnectionWaitsAsLongAsItTakes() {
    for (int look = 0; look < 20 * ATTEMPTS; look++) {
      assertThat(after(OutageVerdict.WAITED, 1, false)).isEqualTo(Next.AGAIN);
    }
  }

  @ParameterizedTest
  @CsvSource({"WAITED", "TURNED_AWAY"})
  void aGatewayThatLosesEveryLookOfASuspectMeansTheRow(OutageVerdict verdict) {
    after(OutageVerdict.SHARED, 1, true);
    for (int look = 1; look < 2 * ATTEMPTS; look++) {
      assertThat(after(verdict, 1, true)).as("look " + look).isEqualTo(Next.AGAIN);
    }
    assertThat(after(verdict, 1, true)).isEqualTo(Next.CRASHES_ENDPOINT);
  }

  @Test
  void aGatewayThatLosesEveryLookOfARowWithoutAnOutageIsGivenUpOn() {
    for (int look = 1; look < 2 * ATTEMPTS; look++) {
      after(OutageVerdict.TURNED_AWAY, 1, true);
    }
    assertThat(after(OutageVerdict.TURNED_AWAY, 1, true)).isEqualTo(Next.GIVE_UP);
  }

  @Test
  void looksOfSeveralOutagesHaveACommonEnd() {
    int looks = 0;
    Next next = Next.AGAIN;
    while (next == Next.AGAIN) {
      looks++;
      next = after(OutageVerdict.TURNED_AWAY, looks, true);
    }
    assertThat(looks).isEqualTo(4 * 2 * ATTEMPTS);
  }

  @Test
  void aSuspectFromTheFirstIsUnderWayAloneAndCausesWhatItIsIn() {
    RowOutages suspect = new Neighbours().newSuspect().outages();
    assertThat(suspect.isSuspect()).isTrue();
    assertThat(new Neighbours().newRow().outages().isSuspect()).isFalse();

    suspect.judged(OutageVerdict.CRASHED, 1, true);

    assertThat(suspect.next(1, 5, false)).isEqualTo(Next.CRASHES_ENDPOINT);
    assertThat(suspect.mayHaveRun()).isTrue();
  }
}
