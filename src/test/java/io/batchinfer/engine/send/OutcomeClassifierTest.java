package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.client.AnswerReader.Reading;
import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unreadable;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.row.ResultLineReader;
import io.batchinfer.row.ResultLineWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutcomeClassifierTest {
  private static final String SECRET = "sk-very/secret";
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final OutboundRequest REQUEST =
      new OutboundRequest(
          "/v1/chat/completions", new OutboundRequest.Json(new byte[0]), Map.of(), 10);

  private final OutcomeClassifier classifier =
      new OutcomeClassifier(
          new SecretMask(List.of(SECRET)),
          thrown -> {
            throw new AssertionError(thrown);
          });
  private final Map<String, String> headers = new HashMap<>();

  private RowOutcome outcome(Settlement settlement) {
    return classifier.end(settlement).outcome();
  }

  private RowOutcome outcome(int status, byte[] body, Reply.Form form) {
    Reading reading =
        new AnswerReading(Pricing.UNKNOWN)
            .read(REQUEST, new Reply(status, headers::get, body, form));
    StatusMeaning meaning = StatusMeaning.of(status, reading.facts());
    Attempt last = new Attempt(meaning, reading.reply(), reading.facts(), null, Optional.empty());
    return outcome(new Settlement(last, 1, 0, 0, false));
  }

  private RowOutcome outcome(int status, String body) {
    return outcome(status, body.getBytes(StandardCharsets.UTF_8), Reply.Form.WHOLE);
  }

  private static JsonNode line(RowOutcome outcome) throws IOException {
    byte[] line =
        new ResultLineWriter(new RowKey(new Hash128(1, 2)), List.of("in.jsonl"))
            .render(new RowId(0, 7), "id", outcome);
    assertThat(new String(line, StandardCharsets.US_ASCII)).doesNotContain(SECRET);
    ResultLineReader reader = new ResultLineReader();
    assertThat(reader.head(line, 0, line.length - 1)).isNotNull();
    return MAPPER.readTree(line);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 400, 500})
  void aSecretThatTheEndpointEchoesIsNotStored(int status) throws IOException {
    headers.put("x-request-id", "req-" + SECRET);

    JsonNode line =
        line(outcome(status, "{\"you\":\"sk-very\\/secret\",\"x\":\"" + SECRET + "\"}"));

    assertThat(line.at("/response/body/you").textValue()).isEqualTo("***");
    assertThat(line.at("/response/body/x").textValue()).isEqualTo("***");
    assertThat(line.at("/response/request_id").textValue()).isEqualTo("req-***");
  }

  @Test
  void aSecretInATextThatIsKeptIsNotStored() throws IOException {
    headers.put("content-type", "text/html; x=" + SECRET);
    headers.put("content-encoding", SECRET);
    String page = "<p>Bearer " + SECRET;

    assertThat(line(outcome(401, page)).at("/response/body").textValue())
        .isEqualTo("<p>Bearer ***");
    assertThat(line(outcome(200, page)).at("/response/body").textValue())
        .isEqualTo("<p>Bearer ***");
    line(outcome(200, page.getBytes(StandardCharsets.UTF_8), Reply.Form.ENCODED));
    headers.put("content-type", "text/html; charset=utf-16be");
    line(outcome(200, page.getBytes(StandardCharsets.UTF_16BE), Reply.Form.WHOLE));
    String atTheCut = "x".repeat(KeptText.MOST_CHARACTERS - 5) + SECRET;
    headers.clear();
    assertThat(line(outcome(200, atTheCut)).toString()).doesNotContain("sk-ve");
  }

  @Test
  void aSecretInAFailureIsNotStored() throws IOException {
    Attempt last =
        new Attempt(
            StatusMeaning.CONNECTION_LOST,
            null,
            null,
            new TransportException(Kind.CONNECTION_LOST, "lost " + SECRET, null),
            Optional.empty());

    assertThat(line(outcome(new Settlement(last, 1, 1, 0, false))).at("/error/message").textValue())
        .isEqualTo("lost ***");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html><body>Sign in</body></html>",
        "data: {\"a\":1}\n\ndata: [DONE]\n\n",
        "{\"a\":1}{\"a\":1}",
        "{\"a\":1} and more",
      })
  void whatCannotBeReadIsKeptWithItsStatusAndItsType(String body) throws IOException {
    headers.put("content-type", "text/html");

    RowOutcome outcome = outcome(201, body);
    JsonNode line = line(outcome);

    assertThat(outcome).isInstanceOf(Unreadable.class);
    assertThat(outcome.isSuccess()).isFalse();
    assertThat(line.at("/response/status_code").intValue()).isEqualTo(201);
    assertThat(line.at("/response/content_type").textValue()).isEqualTo("text/html");
    assertThat(line.at("/response/body").textValue()).isEqualTo(body);
    assertThat(line.at("/error/code").textValue()).isEqualTo("invalid_response");
    assertThat(line.at("/error/message").textValue())
        .contains("answered 201 with %d bytes of text/html".formatted(body.length()))
        .contains("They are kept as text");
    assertThat(line.at("/input/line").intValue()).isEqualTo(7);
  }

  @Test
  void aLongTextIsCutAndSaysSo() throws IOException {
    for (String page : List.of("é".repeat(1_000_000), "a" + "😀".repeat(100_000))) {
      JsonNode line = line(outcome(200, page));

      String kept = line.at("/response/body").textValue();
      assertThat(page).startsWith(kept);
      assertThat(kept.length()).isBetween(65_535, 65_536);
      assertThat(line.at("/error/message").textValue())
          .contains("The first %,d characters are kept".formatted(kept.length()));
    }
  }

  @Test
  void aTextInAStatedEncodingIsDecoded() throws IOException {
    headers.put("content-type", "text/plain; charset=\"UTF-16\"");
    byte[] body = "Grüße".getBytes(StandardCharsets.UTF_16);

    assertThat(line(outcome(200, body, Reply.Form.WHOLE)).at("/response/body").textValue())
        .isEqualTo("Grüße");
    headers.put("content-type", "text/plain; charset=no-such-thing");
    assertThat(line(outcome(200, "Grüße")).at("/response/body").textValue()).isEqualTo("Grüße");
  }

  @Test
  void whatIsEncodedIsNotTakenForJson() throws IOException {
    headers.put("content-encoding", "utf-8");

    JsonNode line =
        line(outcome(200, "{\"a\":1}".getBytes(StandardCharsets.UTF_8), Reply.Form.ENCODED));

    assertThat(line.at("/response/body").textValue()).isEqualTo("{\"a\":1}");
    assertThat(line.at("/error/message").textValue()).contains("Content-Encoding (\"utf-8\")");
  }

  @Test
  void aRepairedAnswerIsASuccessThatSaysSo() throws IOException {
    RowOutcome outcome = outcome(200, "{\"a\":NaN}\u0000");

    assertThat(outcome.isSuccess()).isTrue();
    assertThat(((Answered) outcome).marks()).isEqualTo(new AnswerMarks(false, false, true));
    assertThat(line(outcome).at("/response/body/a").isNull()).isTrue();
  }

  @Test
  void anErrorInsideASuccessIsAnErrorRow() {
    Answered outcome = (Answered) outcome(200, "{\"choices\":[]}");

    assertThat(outcome.isSuccess()).isFalse();
    assertThat(outcome.refusal()).isEqualTo("no_choices");
    assertThat(outcome(200, "null").isSuccess()).isFalse();
  }

  @Test
  void whatWasNeverSentSaysSo() {
    Attempt last = new Attempt(StatusMeaning.NOT_SENT, null, null, null, Optional.empty());

    assertThat(((Unanswered) outcome(new Settlement(last, 0, 0, 0, false))).code())
        .isEqualTo(ErrorCode.CONNECTION_ERROR);
  }
}
