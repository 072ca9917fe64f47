package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Answers made of numbers: embeddings, scores, rankings. */
final class VectorAnswers {
  private VectorAnswers() {}

  /** The same text has the same vector in every request for the same model. */
  static void embeddings(JsonGenerator json, AnswerFacts facts) throws IOException {
    boolean base64 = facts.fields().encodingFormat.filter("base64"::equals).isPresent();
    json.writeStartObject();
    open(json, facts, "embd-");
    int index = 0;
    for (Item item : facts.fields().items("input")) {
      float[] vector = vector(seedOf(facts, item), facts.embeddingDimensions());
      json.writeStartObject();
      json.writeStringField("object", "embedding");
      json.writeNumberField("index", index++);
      if (base64) {
        json.writeStringField("embedding", base64(vector));
      } else {
        json.writeArrayFieldStart("embedding");
        for (float value : vector) {
          json.writeNumber(value);
        }
        json.writeEndArray();
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    usage(json, facts);
    json.writeEndObject();
  }

  static void score(JsonGenerator json, AnswerFacts facts) throws IOException {
    json.writeStartObject();
    open(json, facts, "score-");
    int index = 0;
    for (Item item : facts.fields().firstItems("text_2", "documents", "items")) {
      json.writeStartObject();
      json.writeNumberField("index", index++);
      json.writeStringField("object", "score");
      json.writeNumberField("score", scoreOf(facts, item));
      json.writeEndObject();
    }
    json.writeEndArray();
    usage(json, facts);
    json.writeEndObject();
  }

  static void rerank(JsonGenerator json, AnswerFacts facts) throws IOException {
    List<Item> documents = facts.fields().items("documents");
    List<Integer> ranking =
        IntStream.range(0, documents.size())
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -scoreOf(facts, documents.get(i))))
            .limit(facts.fields().topN.orElse(Integer.MAX_VALUE))
            .toList();
    json.writeStartObject();
    json.writeStringField("id", facts.id("rerank-"));
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", facts.promptTokens());
    json.writeNumberField("total_tokens", facts.totalTokens());
    json.writeEndObject();
    json.writeArrayFieldStart("results");
    for (int index : ranking) {
      Item document = documents.get(index);
      json.writeStartObject();
      json.writeNumberField("index", index);
      json.writeObjectFieldStart("document");
      json.writeFieldName("text");
      json.writeRawValue(
          new String(
              facts.fields().body,
              document.from(),
              document.to() - document.from(),
              StandardCharsets.UTF_8));
      json.writeEndObject();
      json.writeNumberField("relevance_score", scoreOf(facts, document));
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void open(JsonGenerator json, AnswerFacts facts, String prefix)
      throws IOException {
    json.writeStringField("id", facts.id(prefix));
    json.writeStringField("object", "list");
    json.writeNumberField("created", facts.created());
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("data");
  }

  private static void usage(JsonGenerator json, AnswerFacts facts) throws IOException {
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_tokens", facts.promptTokens());
    json.writeNumberField("total_tokens", facts.totalTokens());
    json.writeNumberField("completion_tokens", 0);
    json.writeEndObject();
  }

  private static long seedOf(AnswerFacts facts, Item item) {
    return Mix.mix(item.hash(), Mix.mix(facts.model().hashCode(), facts.created()));
  }

  private static double scoreOf(AnswerFacts facts, Item item) {
    return Math.round(Mix.unit(Mix.mix(item.hash(), facts.hash())) * 1e6) / 1e6;
  }

  /** Of length one. */
  private static float[] vector(long seed, int dimensions) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] vector = new float[dimensions];
    double squares = 0;
    for (int i = 0; i < dimensions; i++) {
      vector[i] = (float) (2 * random.nextDouble() - 1);
      squares += vector[i] * (double) vector[i];
    }
    float scale = (float) (1 / Math.sqrt(Math.max(squares, 1e-12)));
    for (int i = 0; i < dimensions; i++) {
      vector[i] *= scale;
    }
    return vector;
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * vector.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : vector) {
      bytes.putFloat(value);
    }
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
