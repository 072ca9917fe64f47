package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ResultAnswerTest {
  private static final ResultLineWriter WRITER =
      new ResultLineWriter(new RowKey(new Hash128(1, 2)), List.of("in.jsonl"));
  private static final RowId ROW = new RowId(0, 7);

  private static RowOutcome answered(int status, String body, String refusal) {
    return new RowOutcome.Answered(
        status,
        "req",
        body.getBytes(StandardCharsets.UTF_8),
        Usage.NONE,
        AnswerMarks.NONE,
        refusal);
  }

  private static ResultAnswer read(RowOutcome outcome, Set<AnswerPart> wanted) {
    byte[] line = WRITER.render(ROW, "id-1", outcome);
    // Lines stand anywhere in a buffer.
    byte[] buffer = new byte[line.length + 5];
    System.arraycopy(line, 0, buffer, 5, line.length);
    ResultAnswer reader = new ResultAnswer(wanted, "/v1/chat/completions");
    try {
      reader.read(buffer, 5, line.length - 1);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return reader;
  }

  private static ResultAnswer read(String body) {
    return read(answered(200, body, ""), EnumSet.allOf(AnswerPart.class));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      maxCharsPerColumn = 10_000,
      value = {
        // Chats: a text, parts, parts that are no text, none.
        "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"yes\"},\"finish_reason\":\"stop\"}]} | yes | stop",
        "{\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":[{\"type\":\"thinking\",\"thinking\":[{\"type\":\"text\",\"text\":\"hm\"}]},{\"type\":\"text\",\"text\":\"a\"},{\"text\":\"b\",\"type\":\"text\"},{\"type\":\"reference\",\"reference_ids\":[1]}]}}]} | ab | stop",
        "{\"choices\":[{\"message\":{\"content\":null,\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]},\"finish_reason\":\"tool_calls\"}]} | - | tool_calls",
        "{\"choices\":[{\"message\":{\"content\":\"\"},\"finish_reason\":\"length\"}]} | '' | length",
        "{\"choices\":[{\"index\":0,\"message\":{\"content\":\"first\"}},{\"index\":1,\"message\":{\"content\":\"second\"},\"finish_reason\":\"length\"}]} | first | -",
        "{\"choices\":[{\"message\":{\"content\":null,\"refusal\":\"I cannot.\"},\"finish_reason\":\"stop\"}]} | - | refusal",
        "{\"choices\":[{\"message\":{\"content\":\"yes\",\"refusal\":null},\"finish_reason\":\"stop\"}]} | yes | stop",
        "{\"choices\":[{\"message\":{\"reasoning_content\":\"hm\",\"content\":\"x\"}}],\"text\":null} | x | -",
        // Completions.
        "{\"choices\":[{\"text\":\" on\",\"logprobs\":null,\"finish_reason\":\"length\"}]} | ' on' | length",
        // Responses: what was thought and what tools were called is no answer.
        "{\"status\":\"completed\",\"text\":{\"format\":{\"type\":\"text\"}},\"output\":[{\"type\":\"reasoning\",\"summary\":[{\"type\":\"summary_text\",\"text\":\"hm\"}],\"content\":[{\"type\":\"reasoning_text\",\"text\":\"hm\"}]},{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"a\",\"annotations\":[]},{\"type\":\"output_text\",\"text\":\"b\"}]},{\"type\":\"function_call\",\"arguments\":\"{}\"}]} | ab | completed",
        "{\"output\":[{\"content\":[{\"type\":\"output_text\",\"text\":\"cut\"}],\"type\":\"message\"}],\"status\":\"incomplete\",\"incomplete_details\":{\"reason\":\"max_output_tokens\"}} | cut | max_output_tokens",
        "{\"status\":\"completed\",\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"refusal\",\"refusal\":\"no\"}]}]} | - | refusal",
        // Conversations.
        "{\"outputs\":[{\"type\":\"tool.execution\",\"name\":\"web_search\"},{\"type\":\"message.output\",\"content\":\"found\"}]} | found | -",
        "{\"outputs\":[{\"type\":\"message.output\",\"content\":[{\"type\":\"text\",\"text\":\"f\"},{\"type\":\"tool_reference\",\"title\":\"t\"}]}]} | f | -",
        // Messages.
        "{\"type\":\"message\",\"content\":[{\"type\":\"thinking\",\"thinking\":\"hm\"},{\"type\":\"text\",\"text\":\"hello\"}],\"stop_reason\":\"end_turn\"} | hello | end_turn",
        // Transcriptions and pages.
        "{\"text\":\"spoken\",\"language\":\"en\",\"segments\":[{\"text\":\"spo\"}]} | spoken | -",
        "{\"pages\":[{\"index\":0,\"markdown\":\"# A\"},{\"index\":1,\"markdown\":\"B\",\"images\":[]}]} | '# A\n\nB' | -",
        // Neither.
        "{\"results\":[{\"categories\":{\"text\":true}}]} | - | -",
        "{\"data\":[{\"index\":0,\"score\":0.5}]} | - | -",
        "{\"status\":\"ok\"} | - | -",
        "[{\"text\":\"x\"}] | - | -",
        "\"text\" | - | -",
        "{} | - | -",
      })
  void findsTheTextAndHowItEnded(String body, @Nullable String text, @Nullable String ending) {
    ResultAnswer reader = read(body);

    assertThat(reader.text()).isEqualTo(text);
    assertThat(reader.ending()).isEqualTo(ending);
    assertThat(reader.id()).startsWith(RowKey.PREFIX);
    assertThat(reader.customId()).isEqualTo("id-1");
  }

  @Test
  void aVectorOfBase64IsThatOfNumbers() {
    Random random = new Random(41);
    for (int length : new int[] {0, 1, 3, 1536, 5000}) {
      float[] vector = new float[length];
      ByteBuffer bytes = ByteBuffer.allocate(length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < length; i++) {
        vector[i] = Float.intBitsToFloat(random.nextInt());
        vector[i] = Float.isFinite(vector[i]) ? vector[i] : i;
        bytes.putFloat(vector[i]);
      }
      String packed = Base64.getEncoder().encodeToString(bytes.array());

      assertThat(read(embedding(Arrays.toString(vector))).vector()).isEqualTo(vector);
      assertThat(read(embedding("\"" + packed + "\"")).vector()).isEqualTo(vector);
    }
  }

  private static String embedding(String vector) {
    return "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":"
        + vector
        + "},{\"embedding\":[9.5]}],\"usage\":{\"prompt_tokens\":3}}";
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "\"not base64!\"",
        "\"AAA=\"",
        "[1,\"2\"]",
        "[[1,2],[3,4]]",
        "{\"a\":1}",
        "5"
      })
  void whatIsNoVectorIsNone(String value) {
    ResultAnswer reader = read(embedding(value));

    assertThat(reader.vector()).isNull();
    assertThat(reader.usage().promptTokens()).isEqualTo(3);
  }

  @Test
  void wholeNumbersAreAVector() {
    assertThat(read(embedding("[-128, 127, 0]")).vector()).containsExactly(-128f, 127f, 0f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1, \"b\\u00e9\"]}",
        "[]",
        "{}",
        "\"text with \\\"quotes\\\"\"",
        "12.50",
        "true",
        "null"
      })
  void theBodyIsWhereItStands(String body) {
    for (Set<AnswerPart> wanted :
        List.of(EnumSet.of(AnswerPart.BODY), EnumSet.allOf(AnswerPart.class))) {
      byte[] line = WRITER.render(ROW, null, answered(200, body, ""));
      ResultAnswer reader = new ResultAnswer(wanted, "");
      try {
        reader.read(line, 0, line.length);
      } catch (IOException e) {
        throw new AssertionError(e);
      }

      assertThat(new String(line, reader.bodyStart(), reader.bodyLength(), StandardCharsets.UTF_8))
          .isEqualTo(body);
      assertThat(reader.customId()).isNull();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "400 | {\"error\":{\"message\":\"too long\",\"code\":\"context_length_exceeded\"}} | context_length_exceeded | too long",
        "422 | {\"object\":\"error\",\"message\":\"no such field\",\"type\":\"invalid_request_error\",\"code\":\"1000\"} | invalid_request_error | no such field",
        "403 | \"forbidden\" | http_403 | forbidden",
        "404 | {} | http_404 | The endpoint answered with status 404.",
        "200 | {\"choices\":[]} | no_choices | The answer holds no choices.",
      })
  void aRefusalHasTheEndpointsWords(int status, String body, String code, String message) {
    ResultAnswer reader = read(answered(status, body, code), EnumSet.allOf(AnswerPart.class));

    assertThat(reader.failure()).isEqualTo(new ResultAnswer.Failure(code, message));
    assertThat(reader.text()).isNull();
  }

  @Test
  void aRefusalThatLooksLikeAnAnswerIsNone() {
    ResultAnswer reader =
        read(answered(400, "{\"text\":\"no\"}", "http_400"), EnumSet.allOf(AnswerPart.class));

    assertThat(reader.text()).isNull();
    assertThat(reader.ending()).isNull();
  }

  @Test
  void aRowWithoutAnAnswerSaysWhy() {
    ResultAnswer reader =
        read(
            new RowOutcome.Unanswered(ErrorCode.REQUEST_TIMEOUT, "too \"slow\"", null),
            EnumSet.allOf(AnswerPart.class));

    assertThat(reader.failure())
        .isEqualTo(new ResultAnswer.Failure("request_timeout", "too \"slow\""));
    assertThat(reader.bodyLength()).isZero();
    assertThat(reader.usage()).isEqualTo(Usage.NONE);
  }

  @Test
  void anUnreadableAnswerIsAnError() {
    ResultAnswer reader =
        read(
            new RowOutcome.Unreadable(
                200, "", "text/html", "\"<p>\"".getBytes(StandardCharsets.US_ASCII), "no JSON"),
            EnumSet.allOf(AnswerPart.class));

    assertThat(reader.failure()).isEqualTo(new ResultAnswer.Failure("invalid_response", "no JSON"));
    assertThat(reader.text()).isNull();
  }

  @Test
  void whatIsNotAskedForIsNotThere() {
    ResultAnswer reader = read(answered(200, embedding("[1]"), ""), Set.of());

    assertThat(reader.customId()).isEqualTo("id-1");
    assertThat(reader.vector()).isNull();
    assertThat(reader.bodyLength()).isZero();
  }

  @Test
  void aLineThatIsCutAnywhereIsRefused() {
    byte[] line = WRITER.render(ROW, "id", answered(200, "{\"choices\":[{\"text\":\"x\"}]}", ""));
    ResultAnswer reader = new ResultAnswer(EnumSet.allOf(AnswerPart.class), "");
    for (int length = 0; length < line.length - 1; length++) {
      int cut = length;
      assertThatThrownBy(() -> reader.read(line, 0, cut)).isInstanceOf(IOException.class);
    }
  }

  @Test
  void anyBodyIsReadToItsEnd() throws IOException {
    long seed = System.nanoTime();
    RandomJson random = new RandomJson(seed);
    ObjectMapper json = new ObjectMapper();
    for (int i = 0; i < 3_000; i++) {
      String value = random.value(4);
      String body =
          "{\"output\":%s,\"choices\":[%s],\"data\":[%s],\"content\":%s}"
              .formatted(value, value, value, value);
      ResultAnswer reader = read(ascii(json, body));

      assertThat(reader.customId()).as("seed %d, %s", seed, body).isEqualTo("id-1");
      assertThat(reader.bodyLength()).isPositive();
    }
  }

  private static String ascii(ObjectMapper json, String body) throws IOException {
    return new String(AsciiJson.bytes(json.readTree(body)), StandardCharsets.US_ASCII);
  }
}
