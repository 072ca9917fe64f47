package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.ReplyHeaders;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AttemptBookTest {
  private final AttemptBook book = new AttemptBook(reply -> StatedLimits.NONE, 0);

  private void book(StatusMeaning meaning, int status, ReplyFacts facts, Optional<Duration> told) {
    WaitingRow row =
        new WaitingRow(
            new OutboundRequest(
                "/v1/embeddings", new OutboundRequest.Json(new byte[142]), Map.of(), 100),
            new Neighbours().newRow());
    book.charge(row, 100, 100);
    Reply reply = new Reply(status, ReplyHeaders.NONE, new byte[160]);
    book.book(row, new Attempt(meaning, reply, facts, null, told), 1, 0, false);
  }

  private static ReplyFacts answer(Usage usage) {
    return new ReplyFacts(true, usage, "", "");
  }

  @Test
  void anAnswerIsSettledByWhatItUsed() {
    book(StatusMeaning.ANSWERED, 200, answer(new Usage(30, 20)), Optional.empty());

    assertThat(book.totals(Progress.ZERO).tokenRefund()).isEqualTo(50);
    assertThat(book.remark()).isEmpty();
  }

  @Test
  void aUsageThatCannotBeIsCountedButTellsNothingAboutTheRate() {
    ReplyFacts facts = answer(new Usage(Long.MAX_VALUE, 7)).disbelieving(new Usage(262_286, 7));

    for (int i = 0; i < 20; i++) {
      book(StatusMeaning.ANSWERED, 200, facts, Optional.empty());
    }

    assertThat(book.totals(Progress.ZERO).tokenRefund()).isZero();
    assertThat(book.charge().of(100)).isEqualTo(100);
    assertThat(book.remark())
        .contains(
            "9,223,372,036,854,775,807 prompt and 7 completion tokens",
            "a request of 142 bytes and an answer of 160 bytes",
            "262,286 prompt and 7 completion tokens are counted");
  }

  @ParameterizedTest
  @EnumSource(
      value = StatusMeaning.class,
      names = {"THROTTLED", "THROTTLED_ALONE", "REFUSED_ALONE", "ABOVE_LIMIT"})
  void whatALimitTurnedAwayCostsNoTokens(StatusMeaning meaning) {
    book(meaning, 429, answer(Usage.NONE), Optional.empty());

    assertThat(book.totals(Progress.ZERO).tokenRefund()).isEqualTo(100);
  }

  @ParameterizedTest
  @EnumSource(StatusMeaning.class)
  void onlyWhatSpeaksForTheEndpointPausesEverybody(StatusMeaning meaning) {
    book(meaning, 429, answer(Usage.NONE), Optional.of(Duration.ofSeconds(5)));

    boolean pauses = meaning.retry() != StatusMeaning.Retry.NONE && !meaning.isRowsOwn();
    assertThat(book.pauseLeft(0)).isEqualTo(pauses ? 5_000_000_000L : 0);
    assertThat(book.takeObserved().coolDownNanos()).isEqualTo(pauses ? 5_000_000_000L : 0);
  }
}
