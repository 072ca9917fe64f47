package io.batchinfer.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Hash128;
import org.junit.jupiter.api.Test;

class BodyLedgerTest {
  private final BodyLedger ledger = new BodyLedger();

  @Test
  void attemptsAreCountedPerBodyHoweverManyThereAre() {
    for (int round = 1; round <= 3; round++) {
      for (int i = 0; i < 20_000; i++) {
        Hash128 body = RequestHash.of("/p", Integer.toString(i).getBytes(UTF_8));
        BodyLedger.Attempt attempt = ledger.receive(body);
        assertThat(attempt.number()).isEqualTo(round);
        assertThat(attempt.answeredBefore()).isEqualTo(round > 1 && i % 2 == 0);
        if (i % 2 == 0) {
          ledger.answered(body);
        }
      }
    }

    assertThat(ledger.distinct()).isEqualTo(20_000);
  }

  @Test
  void aClearedLedgerKnowsNothing() {
    Hash128 body = new Hash128(0, 0);
    ledger.receive(body);
    ledger.clear();
    ledger.answered(body);

    assertThat(ledger.distinct()).isZero();
    assertThat(ledger.receive(body)).isEqualTo(new BodyLedger.Attempt(1, false));
  }
}
