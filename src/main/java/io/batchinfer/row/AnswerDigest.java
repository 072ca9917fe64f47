package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.Hash128;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * What an answer says, as a hash, by which answers of two runs are compared: the texts of all
 * choices, and what tools are called with. Of an answer without text (a vector, a score, a call of
 * a tool alone) everything counts but what names the call itself: its ids, times and usage. Not
 * thread-safe; to be reused.
 */
public final class AnswerDigest {
  /** Where the choices of an answer stand. */
  private static final Set<String> CHOICES = Set.of("choices", "output", "outputs", "content");

  private static final Set<String> CALLS = Set.of("tool_calls", "function_call");

  /** What is different in every answer, or says nothing of it. */
  private static final Set<String> OF_THE_CALL =
      Set.of(
          "id",
          "call_id",
          "tool_call_id",
          "created",
          "created_at",
          "completed_at",
          "usage",
          "usage_info",
          "system_fingerprint",
          "service_tier",
          "timings");

  private final Digest128 digest = new Digest128();

  /**
   * The hash of an answer's body.
   *
   * @param body one whole JSON value, as a result line holds it
   */
  public Hash128 of(byte[] body) {
    List<String> texts = AnswerTexts.read(body);
    boolean written = texts.stream().anyMatch(text -> !text.isEmpty());
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      if (written) {
        texts.forEach(digest::add);
        addCalls(parser);
      } else {
        parser.nextToken();
        add(parser);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not one JSON value", e);
    }
    return digest.finish();
  }

  /** Adds what the choices say beside their texts: which tools are called with what. */
  private void addCalls(JsonParser parser) throws IOException {
    parser.nextToken();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean choices = CHOICES.contains(parser.currentName());
      parser.nextToken();
      if (choices) {
        addCallsBelow(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void addCallsBelow(JsonParser parser) throws IOException {
    if (!parser.currentToken().isStructStart()) {
      return;
    }
    int open = 1;
    while (open > 0) {
      JsonToken token = parser.nextToken();
      if (token.isStructStart()) {
        open++;
      } else if (token.isStructEnd()) {
        open--;
      } else if (token == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        if (CALLS.contains(name)) {
          parser.nextToken();
          add(parser);
        } else if (name.equals("arguments")) {
          // Of a call that is an item of a response.
          parser.nextToken();
          add(parser);
        }
      }
    }
  }

  /** Adds the value that the parser stands on, to its end. */
  private void add(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null || !token.isStructStart()) {
      addScalar(parser);
      return;
    }
    int open = 0;
    do {
      token = parser.currentToken();
      if (token.isStructStart()) {
        open++;
        digest.add(token.asString());
      } else if (token.isStructEnd()) {
        open--;
        digest.add(token.asString());
      } else if (token == JsonToken.FIELD_NAME) {
        if (OF_THE_CALL.contains(parser.currentName())) {
          parser.nextToken();
          parser.skipChildren();
        } else {
          digest.add(parser.currentName());
        }
      } else {
        addScalar(parser);
      }
    } while (open > 0 && parser.nextToken() != null);
  }

  /** Numbers by their value, since servers spell them differently. */
  private void addScalar(JsonParser parser) throws IOException {
    JsonToken token = parser.currentToken();
    if (token == null) {
      return;
    }
    if (token.isNumeric()) {
      digest.add(1).add(Double.doubleToLongBits(Double.parseDouble(parser.getText())));
    } else {
      digest.add(token == JsonToken.VALUE_STRING ? 2 : 3).add(parser.getText());
    }
  }
}
