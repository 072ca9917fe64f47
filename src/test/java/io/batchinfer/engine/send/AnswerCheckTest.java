package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ReplyReader;
import io.batchinfer.schema.AnswerSchema;
import io.batchinfer.schema.InvalidSchemaException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Whether answers fit a job's schema, and what is said of those that do not. */
class AnswerCheckTest {
  private static final String PATH = "/v1/chat/completions";

  private final List<Throwable> unexpected = new ArrayList<>();
  private final AnswerCheck check;

  AnswerCheckTest() throws InvalidSchemaException {
    check =
        new AnswerCheck(
            AnswerSchema.of(
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"integer\"}},\"required\":[\"a\"]}"),
            unexpected::add);
  }

  private static String choice(String text, String finish) {
    return "{\"message\":{\"content\":\"%s\"},\"finish_reason\":\"%s\"}"
        .formatted(text.replace("\"", "\\\""), finish);
  }

  private Optional<Misfit> misfit(String... choices) {
    byte[] body = ("{\"choices\":[" + String.join(",", choices) + "]}").getBytes(UTF_8);
    return check.checked(body, ReplyReader.read(PATH, body)).misfit();
  }

  @Test
  void anAnswerThatFitsIsAsItWas() {
    byte[] body = ("{\"choices\":[" + choice("{\"a\":1}", "stop") + "]}").getBytes(UTF_8);
    ReplyFacts facts = ReplyReader.read(PATH, body);

    assertThat(check.checked(body, facts)).isEqualTo(facts);
    assertThat(facts.misfit()).isEmpty();
  }

  @Test
  void everyChoiceHasToFitAndTheOneThatDoesNotIsNamed() {
    String good = choice("{\"a\":1}", "stop");
    assertThat(misfit(good, good)).isEmpty();

    Misfit second = misfit(good, choice("{\"a\":true}", "stop")).orElseThrow();
    Misfit only = misfit(choice("{\"a\":true}", "stop")).orElseThrow();

    assertThat(second.message()).startsWith("Choice 2 of 2: ").endsWith(only.message());
    assertThat(only.message()).doesNotContain("Choice");
    assertThat(only.code()).isEqualTo(ErrorCode.SCHEMA_MISMATCH);
  }

  @Test
  void anAnswerWithoutTextFitsNothing() {
    Misfit none = misfit().orElseThrow();
    Misfit empty = misfit("{\"message\":{},\"finish_reason\":\"stop\"}").orElseThrow();

    assertThat(none.message()).isEqualTo("The answer holds no text of the model.");
    assertThat(empty.message()).isEqualTo("The answer is empty.");
  }

  @Test
  void whyTheModelCouldNotDoBetterIsTheCode() {
    Misfit cutOff = misfit(choice("{\"a\":", "length")).orElseThrow();
    Misfit filtered = misfit(choice("no", "content_filter")).orElseThrow();

    assertThat(cutOff.code()).isEqualTo(ErrorCode.ANSWER_CUT_OFF);
    assertThat(cutOff.message()).startsWith("The token limit").contains("more tokens. ");
    assertThat(filtered.code()).isEqualTo(ErrorCode.ANSWER_FILTERED);
    assertThat(filtered.message()).startsWith("A content filter");
  }

  @Test
  void whatCannotBeCheckedDoesNotFitAndIsTold() {
    byte[] torn = "{\"choices\":[".getBytes(UTF_8);

    ReplyFacts facts =
        check.checked(torn, new ReplyFacts(true, Usage.NONE, AnswerMarks.NONE, "", "", false, ""));

    assertThat(facts.misfit()).isPresent();
    assertThat(unexpected).hasSize(1);
  }
}
