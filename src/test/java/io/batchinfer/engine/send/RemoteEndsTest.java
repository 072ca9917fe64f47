package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.send.RemoteEnds.Fetched;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.remote.RemoteLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a batch service said of a row, as the row's end. */
class RemoteEndsTest {
  private static final byte[] BODY = "{\"model\":\"m\"}".getBytes(UTF_8);
  private static final Request ROW =
      new Request("mine", "/v1/chat/completions", BODY, "m", -1, false, PromptOutline.of(BODY));
  private static final byte[] ANSWER =
      "{\"choices\":[{\"message\":{\"content\":\"a\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":3}}"
          .getBytes(UTF_8);

  /** Two and four units for a million tokens, and half of it in a batch. */
  private static final Pricing PRICED =
      new Pricing(
              PriceTable.parse("prices", List.of("a:m = 2, 4, USD, -, 2026-01-02, s")),
              Optional.of("a"),
              "USD")
          .withBatchDiscount(0.5);

  private static RemoteEnds ends(Pricing pricing, Map<String, String> options) {
    RunSpec spec =
        new RunSpec(ResolvedOptions.ofStrings(options), Hash128.ZERO, "/out", "", pricing);
    return new RemoteEnds(
        spec,
        new OutcomeClassifier(
            new SecretMask(List.of()),
            thrown -> {
              throw new AssertionError(thrown);
            }));
  }

  private static Fetched end(Pricing pricing, RemoteLine line) {
    return ends(pricing, Map.of()).endOf(new RowFate.Fetched(ROW, line, 3));
  }

  private static RemoteLine answer(int status, byte[] body) {
    return new RemoteLine("r0-0", status, "req-1", body, "", "");
  }

  @Test
  void anAnswerIsAsIfTheEndpointHadGivenItAtThePriceOfTheService() {
    Fetched fetched = end(PRICED, answer(200, ANSWER));

    Answered answered = (Answered) fetched.end().outcome();
    assertThat(answered.status()).isEqualTo(200);
    assertThat(answered.requestId()).isEqualTo("req-1");
    assertThat(answered.body()).isEqualTo(ANSWER);
    assertThat(answered.usage().cost()).isEqualTo(Cost.of((2 * 2_000 + 3 * 4_000) / 2));
    assertThat(fetched.saved()).isEqualTo(Cost.of((2 * 2_000 + 3 * 4_000) / 2));
    assertThat(fetched.end().attempts()).isEqualTo(3);
  }

  @Test
  void withoutAPriceWhatWasSavedIsNotKnown() {
    Fetched fetched = end(Pricing.UNKNOWN, answer(200, ANSWER));

    assertThat(fetched.saved().isKnown()).isFalse();
  }

  @Test
  void aRefusalEndsItsRowAndNotTheJob() {
    byte[] body =
        "{\"error\":{\"code\":\"insufficient_quota\",\"message\":\"pay\"}}".getBytes(UTF_8);

    Fetched fetched = end(PRICED, answer(402, body));

    Answered refused = (Answered) fetched.end().outcome();
    assertThat(refused.status()).isEqualTo(402);
    assertThat(fetched.end().stop()).isEqualTo(Stop.NEVER);
    assertThat(fetched.saved()).isEqualTo(Cost.NONE);
  }

  @Test
  void aRequestIdThatIsNotThereIsNone() {
    Fetched fetched = end(PRICED, new RemoteLine("r0-0", 200, "", ANSWER, "", ""));

    assertThat(((Answered) fetched.end().outcome()).requestId()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "batch_expired, late, BATCH_EXPIRED, batch_expired: late",
    "batch_cancelled, '', BATCH_CANCELLED, batch_cancelled: no reason is given",
    "request_timeout, slow, REQUEST_TIMEOUT, request_timeout: slow",
    "batch_row_missing, gone, INVALID_RESPONSE, batch_row_missing: gone",
    "'', odd, INVALID_RESPONSE, ': odd'"
  })
  void withoutAnAnswerItsWordsAreTheRowsError(
      String code, String message, ErrorCode expected, String words) {
    Fetched fetched = end(PRICED, new RemoteLine("r0-0", 0, "", new byte[0], code, message));

    Unanswered none = (Unanswered) fetched.end().outcome();
    assertThat(none.code()).isEqualTo(expected);
    assertThat(none.message()).endsWith(words).startsWith("The provider's batch service gave no");
    assertThat(fetched.end().attempts()).isEqualTo(3);
    assertThat(fetched.end().mayHaveRun()).isZero();
    assertThat(fetched.end().stop()).isEqualTo(Stop.NEVER);
    assertThat(fetched.saved()).isEqualTo(Cost.NONE);
  }

  @Test
  void anAnswerThatDoesNotFitTheJobsSchemaIsNoSuccess() {
    RemoteEnds ends =
        ends(
            PRICED,
            Map.of(
                "answer-schema",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"],\"additionalProperties\":false}"));

    Fetched fetched = ends.endOf(new RowFate.Fetched(ROW, answer(200, ANSWER), 1));

    assertThat(fetched.end().outcome().isSuccess()).isFalse();
  }
}
