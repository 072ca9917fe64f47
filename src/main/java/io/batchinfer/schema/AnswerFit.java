package io.batchinfer.schema;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.batchinfer.json.Json;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether the text of an answer fits a schema: only if it is one JSON value from its first to its
 * last character, except for white space. What comes close is distinguished from what is wrong.
 */
public final class AnswerFit {
  private static final ObjectReader READER =
      Json.MAPPER.readerFor(JsonNode.class).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static final Pattern FENCE =
      Pattern.compile("\\A```[A-Za-z0-9_+-]*[ \\t]*\\R(.*)\\R?```\\z", Pattern.DOTALL);

  private AnswerFit() {}

  /** Why an answer does not fit, in whole sentences; empty where it does. */
  public static Optional<String> misfit(AnswerSchema schema, String answer) {
    String text = answer.strip();
    if (text.isEmpty()) {
      return Optional.of("The answer is empty.");
    }
    JsonProcessingException broken;
    try {
      return schema
          .misfit(READER.readTree(text))
          .map(where -> "The answer is JSON that does not fit the schema: " + where + ".");
    } catch (JsonProcessingException e) {
      broken = e;
    }
    Matcher fence = FENCE.matcher(text);
    if (fence.matches()) {
      return Optional.of(
          inside(schema, "The answer is JSON in a code fence (```)", fence.group(1))
              .orElse("The answer is a code fence (```) without JSON in it."));
    }
    Optional<String> within = jsonWithin(text);
    if (within.isPresent()) {
      Optional<String> found = inside(schema, "The answer has text around its JSON", within.get());
      if (found.isPresent()) {
        return found;
      }
    }
    boolean meant = text.charAt(0) == '{' || text.charAt(0) == '[';
    return Optional.of(
        meant
            ? "The answer is broken JSON: %s at character %d."
                .formatted(oneLine(broken.getOriginalMessage()), column(broken))
            : "The answer is text and not JSON.");
  }

  private static Optional<String> inside(AnswerSchema schema, String what, String json) {
    try {
      return Optional.of(
          schema
              .misfit(READER.readTree(json))
              .map(where -> what + ", which does not fit the schema either: " + where + ".")
              .orElse(what + ", which by itself fits the schema."));
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  /** From the first opening bracket to the last closing one of its kind. */
  private static Optional<String> jsonWithin(String text) {
    int brace = text.indexOf('{');
    int bracket = text.indexOf('[');
    boolean object = brace >= 0 && (bracket < 0 || brace < bracket);
    int from = object ? brace : bracket;
    int to = text.lastIndexOf(object ? '}' : ']');
    return from < 0 || to < from ? Optional.empty() : Optional.of(text.substring(from, to + 1));
  }

  private static long column(JsonProcessingException e) {
    return e.getLocation() == null ? 0 : e.getLocation().getCharOffset() + 1;
  }

  private static String oneLine(String message) {
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
