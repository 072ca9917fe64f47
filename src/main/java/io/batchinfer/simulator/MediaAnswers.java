package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/** Answers of document reading and audio transcription. */
final class MediaAnswers {
  private static final int MOST_PAGES = 3;
  private static final int PAGE_TOKENS = 40;
  private static final int SECONDS_OF_AUDIO = 30;

  private MediaAnswers() {}

  static void ocr(JsonGenerator json, AnswerFacts facts) throws IOException {
    List<Integer> pages = facts.fields().pages;
    if (pages.isEmpty()) {
      pages = IntStream.rangeClosed(0, Mix.below(facts.hash(), MOST_PAGES)).boxed().toList();
    }
    json.writeStartObject();
    json.writeArrayFieldStart("pages");
    for (int page : pages) {
      json.writeStartObject();
      json.writeNumberField("index", page);
      json.writeStringField(
          "markdown",
          facts
              .text()
              .orElseGet(
                  () ->
                      "# Simulated page\n\n"
                          + SimulatedText.of(Mix.mix(facts.hash(), page), PAGE_TOKENS)));
      json.writeArrayFieldStart("images");
      json.writeEndArray();
      json.writeObjectFieldStart("dimensions");
      json.writeNumberField("dpi", 200);
      json.writeNumberField("height", 2200);
      json.writeNumberField("width", 1700);
      json.writeEndObject();
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeStringField("model", facts.model());
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeNullField("document_annotation");
    json.writeObjectFieldStart("usage_info");
    json.writeNumberField("pages_processed", pages.size());
    json.writeNumberField("doc_size_bytes", 1000 + Mix.below(facts.hash() >>> 8, 1_000_000));
    json.writeEndObject();
    json.writeEndObject();
  }

  static void transcription(JsonGenerator json, AnswerFacts facts) throws IOException {
    int seconds = 1 + Mix.below(facts.hash(), SECONDS_OF_AUDIO);
    String text = facts.textOf(0);
    json.writeStartObject();
    json.writeStringField("model", facts.model());
    json.writeStringField("text", text);
    json.writeStringField("language", "en");
    json.writeStringField(SimulatedBy.FIELD, SimulatedBy.FINGERPRINT);
    json.writeArrayFieldStart("segments");
    json.writeStartObject();
    json.writeStringField("type", "transcription_segment");
    json.writeStringField("text", text);
    json.writeNumberField("start", 0.0);
    json.writeNumberField("end", (double) seconds);
    json.writeEndObject();
    json.writeEndArray();
    json.writeObjectFieldStart("usage");
    json.writeNumberField("prompt_audio_seconds", seconds);
    json.writeNumberField("prompt_tokens", facts.promptTokens());
    json.writeNumberField("completion_tokens", facts.completionTokens());
    json.writeNumberField("total_tokens", facts.totalTokens());
    json.writeEndObject();
    json.writeStringField("finish_reason", facts.finishReason());
    json.writeEndObject();
  }
}
