package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.AnswerReader.Reading;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.OutboundRequest.Part;
import io.batchinfer.client.Reply;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.Cost;
import io.batchinfer.schema.AnswerSchema;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is made of the body of an answer, and what it costs. */
class AnswerReadingTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String TRANSCRIPTIONS = "/v1/audio/transcriptions";

  /** Two and four units for a million tokens. */
  private static final Pricing PRICES =
      new Pricing(
          PriceTable.parse("prices", List.of("a:m = 2, 4, USD, -, 2026-01-02, s")),
          Optional.of("a"),
          "USD");

  private final AnswerReading reading = new AnswerReading(PRICES);

  private static OutboundRequest json(String body) {
    return new OutboundRequest(
        CHAT, new OutboundRequest.Json(body.getBytes(UTF_8)), Map.of(), "m", 1);
  }

  private static Reply reply(int status, String body, Reply.Form form) {
    return new Reply(status, name -> null, body.getBytes(UTF_8), form);
  }

  private Reading read(int status, String body) {
    return reading.read(json("{}"), reply(status, body, Reply.Form.WHOLE));
  }

  private static String answer(String content, long completionTokens) {
    return "{\"choices\":[{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":2,\"completion_tokens\":%d}}"
        .formatted(content, completionTokens);
  }

  private static AnswerReading checking() throws Exception {
    AnswerSchema schema = AnswerSchema.of("{\"type\":\"integer\"}");
    return new AnswerReading(
        PRICES,
        Optional.of(
            new AnswerCheck(
                schema,
                thrown -> {
                  throw new AssertionError(thrown);
                })));
  }

  @Test
  void anAnswerIsKeptAsItIsAndPriced() {
    String body = answer("a", 3);

    Reading read = read(200, body);

    assertThat(read.reply().body()).isEqualTo(body.getBytes(UTF_8));
    assertThat(read.facts().json()).isTrue();
    assertThat(read.facts().usage().cost()).isEqualTo(Cost.of(2 * 2_000 + 3 * 4_000));
  }

  @Test
  void aPaidAnswerThatIsNoStrictJsonIsMendedPricedAndMarked() {
    String body = answer("two\nlines", 3);

    Reading read = read(200, body);

    assertThat(new String(read.reply().body(), UTF_8)).isEqualTo(answer("two\\u000alines", 3));
    assertThat(read.facts().marks().repaired()).isTrue();
    assertThat(read.facts().usage().cost()).isEqualTo(Cost.of(2 * 2_000 + 3 * 4_000));
  }

  @Test
  void aRefusalIsNotMended() {
    Reading read = read(500, answer("two\nlines", 3));

    assertThat(read.facts().json()).isFalse();
    assertThat(new String(read.reply().body(), UTF_8)).isEqualTo(answer("two\nlines", 3));
  }

  @Test
  void whatCannotBeMendedIsKeptAsItCame() {
    Reading read = read(200, "<html>");

    assertThat(read.facts().json()).isFalse();
    assertThat(new String(read.reply().body(), UTF_8)).isEqualTo("<html>");
  }

  @Test
  void bytesThatAreStillEncodedAreNotRead() {
    Reply encoded = reply(200, answer("a", 3), Reply.Form.ENCODED);

    Reading read = reading.read(json("{}"), encoded);

    assertThat(read.reply()).isSameAs(encoded);
    assertThat(read.facts().json()).isFalse();
    assertThat(read.facts().usage().total()).isZero();
  }

  @Test
  void aUsageThatCannotBeIsNotPaidFor() {
    Reading read = read(200, answer("a", 4_000_000_000L));

    assertThat(read.facts().disbelieved()).isPresent();
    assertThat(read.facts().usage().completionTokens()).isLessThan(1_000_000);
    assertThat(read.facts().usage().cost())
        .isEqualTo(Cost.of(2 * 2_000 + read.facts().usage().completionTokens() * 4_000));
    assertThat(read(200, answer("a", 3)).facts().disbelieved()).isEmpty();
  }

  @Test
  void howMuchAnAnswerMayHoldDependsOnWhatWasAskedFor() {
    String body = answer("a", 1_000_000);
    Reply reply = reply(200, body, Reply.Form.WHOLE);

    assertThat(reading.read(json("{\"n\":8}"), reply).facts().disbelieved()).isEmpty();
    assertThat(reading.read(json("{\"n\":1}"), reply).facts().disbelieved()).isPresent();
  }

  @Test
  void aFormIsNotReadAsJson() {
    OutboundRequest form =
        new OutboundRequest(
            TRANSCRIPTIONS,
            new OutboundRequest.Multipart(
                List.of(new Part("file", "a.wav", "audio/wav", new byte[100]))),
            Map.of(),
            "m",
            1);

    Reading read =
        reading.read(
            form,
            reply(
                200,
                "{\"text\":\"a\",\"usage\":{\"input_tokens\":2000000,\"output_tokens\":3}}",
                Reply.Form.WHOLE));

    // It holds more than its bytes say.
    assertThat(read.facts().disbelieved()).isEmpty();
    assertThat(read.facts().usage().promptTokens()).isEqualTo(2_000_000);
  }

  @Test
  void anAnswerHasToFitTheSchemaWhetherItWasMendedOrNot() throws Exception {
    AnswerReading checking = checking();
    OutboundRequest request = json("{}");

    assertThat(
            checking.read(request, reply(200, answer("7", 3), Reply.Form.WHOLE)).facts().misfit())
        .isEmpty();
    assertThat(
            checking.read(request, reply(200, answer("x", 3), Reply.Form.WHOLE)).facts().misfit())
        .isPresent();
    assertThat(
            checking
                .read(request, reply(200, answer("x\ny", 3), Reply.Form.WHOLE))
                .facts()
                .misfit())
        .isPresent();
  }

  @Test
  void anErrorIsNoMisfitWhateverItsStatus() throws Exception {
    AnswerReading checking = checking();
    OutboundRequest request = json("{}");
    String error = "{\"error\":{\"message\":\"no\"}}";

    assertThat(checking.read(request, reply(200, error, Reply.Form.WHOLE)).facts().misfit())
        .isEmpty();
    assertThat(
            checking.read(request, reply(400, answer("x", 3), Reply.Form.WHOLE)).facts().misfit())
        .isEmpty();
  }
}
