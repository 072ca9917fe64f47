package io.batchinfer.quota;

import static io.batchinfer.quota.EndsOfAttempts.row;
import static io.batchinfer.quota.EndsOfAttempts.rowOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.quota.WaitingRows.Among;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order rows go out that wait, by what outages meant for them. */
class WaitingRowsTest {
  private static final long PER_MINUTE = 1_000;

  private final WaitingRows rows = new WaitingRows();
  private final WaitingRow fresh = row(10);
  private final WaitingRow taken = rowOf(1, 20);
  private final WaitingRow big = row(5_000);
  private final WaitingRow bigTaken = rowOf(1, 6_000);
  private final WaitingRow suspect = rowOf(2, 30);

  private void add(WaitingRow... added) {
    for (WaitingRow row : added) {
      rows.add(row, PER_MINUTE);
    }
  }

  @Test
  void thoseThatAnOutageTookComeFirstWhereTheyMay() {
    add(fresh, taken);

    assertThat(rows.next(Among.ALL)).isSameAs(taken);
    assertThat(rows.next(Among.ALL)).isSameAs(fresh);
    assertThat(rows.next(Among.ALL)).isNull();
  }

  @Test
  void thoseThatAnOutageTookStayWhereTheyMayNot() {
    add(fresh, taken);

    assertThat(rows.next(Among.UNTOUCHED)).isSameAs(fresh);
    assertThat(rows.first(Among.UNTOUCHED)).isNull();
    assertThat(rows.next(Among.UNTOUCHED)).isNull();
    assertThat(rows.first(Among.ALL)).isNotNull();
    assertThat(rows.next(Among.ALL)).isSameAs(taken);
  }

  @Test
  void thoseAboveAMinutesTokensWaitForAllOthers() {
    add(big, taken, fresh);

    assertThat(rows.next(Among.UNTOUCHED)).isSameAs(fresh);
    assertThat(rows.first(Among.UNTOUCHED)).isNull();
    assertThat(rows.next(Among.UNTOUCHED)).as("while one that an outage took waits").isNull();
    assertThat(rows.next(Among.ALL)).isSameAs(taken);
    assertThat(rows.first(Among.UNTOUCHED)).isNotNull();
    assertThat(rows.next(Among.UNTOUCHED)).isSameAs(big);
  }

  @Test
  void theyAreAlsoThereWhenRowsOfOutagesMayGo() {
    add(big);

    assertThat(rows.first(Among.ALL)).isNotNull();
    assertThat(rows.next(Among.ALL)).isSameAs(big);
    assertThat(rows.first(Among.ALL)).isNull();
  }

  @Test
  void nothingIsAboveTheLimitWhereThereIsNone() {
    rows.add(big, 0);
    rows.add(fresh, 0);

    assertThat(rows.ordinary()).isEqualTo(2);
    assertThat(rows.next(Among.ALL)).isSameAs(big);
  }

  @Test
  void theLimitItselfIsNotAboveIt() {
    WaitingRow full = row(PER_MINUTE);
    add(full);

    assertThat(rows.ordinary()).isOne();
    assertThat(rows.next(Among.UNTOUCHED)).isSameAs(full);
  }

  @Test
  void suspectsGoOutOnlyAsSuspects() {
    add(suspect);

    assertThat(rows.first(Among.ALL)).isNull();
    assertThat(rows.first(Among.UNTOUCHED)).isNull();
    assertThat(rows.next(Among.ALL)).isNull();
    assertThat(rows.next(Among.UNTOUCHED)).isNull();
    assertThat(rows.suspects()).isOne();
    assertThat(rows.ordinary()).isZero();
    assertThat(rows.isEmpty()).isFalse();
    assertThat(rows.nextSuspect()).isSameAs(suspect);
    assertThat(rows.nextSuspect()).isNull();
    assertThat(rows.isEmpty()).isTrue();
  }

  @Test
  void aSuspectAboveTheLimitIsASuspect() {
    add(rowOf(2, 5_000));

    assertThat(rows.suspects()).isOne();
  }

  @Test
  void aLookIsMadeWithTheRowThatCanBeBlamedLeast() {
    add(suspect, big, taken, fresh);

    assertThat(rows.size()).isEqualTo(4);
    assertThat(rows.nextToLook()).isSameAs(fresh);
    assertThat(rows.nextToLook()).isSameAs(taken);
    assertThat(rows.nextToLook()).isSameAs(big);
    assertThat(rows.nextToLook()).isSameAs(suspect);
    assertThat(rows.nextToLook()).isNull();
  }

  @Test
  void anotherLimitSortsThemAnewAndLosesNone() {
    add(big, bigTaken, fresh, taken, suspect);
    assertThat(rows.ordinary()).isEqualTo(2);

    rows.sortOut(5_500);

    assertThat(rows.size()).isEqualTo(5);
    assertThat(rows.ordinary()).isEqualTo(3);
    assertThat(rows.suspects()).isOne();

    rows.sortOut(0);

    assertThat(rows.size()).isEqualTo(5);
    assertThat(rows.ordinary()).isEqualTo(4);
    assertThat(List.of(rows.next(Among.ALL), rows.next(Among.ALL)))
        .containsExactly(taken, bigTaken);
    assertThat(List.of(rows.next(Among.ALL), rows.next(Among.ALL)))
        .containsExactlyInAnyOrder(fresh, big);
    assertThat(rows.nextSuspect()).isSameAs(suspect);

    rows.sortOut(1_000);
    assertThat(rows.isEmpty()).isTrue();
  }

  @Test
  void costsAreThoseOfTheNextRowsBehindThePermitsThatThereAre() {
    add(fresh, taken, row(40), suspect, big);

    assertThat(rows.costs(0, 4, new TokenCharge())).containsExactly(20, 10, 40, 0);
    assertThat(rows.costs(2, 1, new TokenCharge())).containsExactly(40);
    assertThat(rows.costs(0, 0, new TokenCharge())).isEmpty();
  }

  @Test
  void whereOnlyOneThatIsAloneWaitsItsCostIsToldAsItIs() {
    add(suspect, big);
    assertThat(rows.costs(0, 1, new TokenCharge())).containsExactly(5_000);

    assertThat(rows.next(Among.UNTOUCHED)).isSameAs(big);
    assertThat(rows.costs(0, 3, new TokenCharge())).containsExactly(30);
    assertThat(rows.costs(0, 0, new TokenCharge())).isEmpty();
  }
}
