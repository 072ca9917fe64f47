package io.batchinfer.engine.send;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.row.AnswerTexts;
import io.batchinfer.schema.AnswerFit;
import io.batchinfer.schema.AnswerSchema;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Checks answers against the job's schema: every choice has to fit. Thread-safe. */
final class AnswerCheck {
  private final AnswerSchema schema;
  private final Consumer<Throwable> unexpected;

  /**
   * @param unexpected is told what an answer could not be checked for
   */
  AnswerCheck(AnswerSchema schema, Consumer<Throwable> unexpected) {
    this.schema = schema;
    this.unexpected = unexpected;
  }

  /**
   * Notes whether an answer fits.
   *
   * @param body one JSON value, with a status of success
   * @param facts what it says; no error
   */
  ReplyFacts checked(byte[] body, ReplyFacts facts) {
    return misfit(body).map(words -> facts.with(misfit(facts, words))).orElse(facts);
  }

  private Optional<String> misfit(byte[] body) {
    try {
      List<String> texts = AnswerTexts.read(body);
      if (texts.isEmpty()) {
        return Optional.of("The answer holds no text of the model.");
      }
      for (int i = 0; i < texts.size(); i++) {
        Optional<String> words = AnswerFit.misfit(schema, texts.get(i));
        if (words.isPresent()) {
          return words.map(texts.size() == 1 ? said -> said : new Choice(i, texts.size())::said);
        }
      }
      return Optional.empty();
    } catch (RuntimeException | StackOverflowError e) {
      unexpected.accept(e);
      return Optional.of(
          "The answer could not be checked against the schema (%s)."
              .formatted(e.getClass().getSimpleName()));
    }
  }

  private record Choice(int index, int of) {
    String said(String words) {
      return "Choice %d of %d: %s".formatted(index + 1, of, words);
    }
  }

  private static Misfit misfit(ReplyFacts facts, String words) {
    if (facts.marks().filtered()) {
      return new Misfit(
          ErrorCode.ANSWER_FILTERED,
          "A content filter or the model itself withheld the answer. " + words);
    }
    return facts.marks().truncated()
        ? new Misfit(
            ErrorCode.ANSWER_CUT_OFF,
            "The token limit of the request or of the model cut the answer off; ask for more tokens. "
                + words)
        : new Misfit(ErrorCode.SCHEMA_MISMATCH, words);
  }
}
