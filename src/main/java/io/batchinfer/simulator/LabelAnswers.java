package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;

/** Answers that put labels on inputs: moderation and classification. */
final class LabelAnswers {
  private static final double FLAGGED = 0.95;
  private static final List<String> CATEGORIES =
      List.of("sexual", "hate", "harassment", "self-harm", "violence", "pii", "health", "law");
  private static final List<String> LABELS = List.of("positive", "neutral", "negative");

  private LabelAnswers() {}

  static void moderation(JsonGenerator json, AnswerFacts facts, List<Item> inputs)
      throws IOException {
    open(json, facts, "modr-");
    for (Item item : inputs) {
      double[] scores = new double[CATEGORIES.size()];
      boolean flagged = false;
      for (int i = 0; i < scores.length; i++) {
        scores[i] = score(facts, item, i);
        flagged |= scores[i] > FLAGGED;
      }
      json.writeStartObject();
      json.writeBooleanField("flagged", flagged);
      json.writeObjectFieldStart("categories");
      for (int i = 0; i < scores.length; i++) {
        json.writeBooleanField(CATEGORIES.get(i), scores[i] > FLAGGED);
      }
      json.writeEndObject();
      json.writeObjectFieldStart("category_scores");
      for (int i = 0; i < scores.length; i++) {
        json.writeNumberField(CATEGORIES.get(i), scores[i]);
      }
      json.writeEndObject();
      json.writeEndObject();
    }
    close(json);
  }

  static void classification(JsonGenerator json, AnswerFacts facts) throws IOException {
    open(json, facts, "class-");
    for (Item item : facts.fields().items("input")) {
      json.writeStartObject();
      json.writeObjectFieldStart("sentiment");
      json.writeObjectFieldStart("scores");
      for (int i = 0; i < LABELS.size(); i++) {
        json.writeNumberField(LABELS.get(i), score(facts, item, i));
      }
      json.writeEndObject();
      json.writeEndObject();
      json.writeEndObject();
    }
    close(json);
  }

  private static void open(JsonGenerator json, AnswerFacts facts, String prefix)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("id", facts.id(prefix));
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("results");
  }

  private static void close(JsonGenerator json) throws IOException {
    json.writeEndArray();
    json.writeEndObject();
  }

  private static double score(AnswerFacts facts, Item item, int label) {
    long bits = Mix.mix(Mix.mix(item.hash(), facts.created()), label);
    return Math.round(Mix.unit(bits) * 1e6) / 1e6;
  }
}
