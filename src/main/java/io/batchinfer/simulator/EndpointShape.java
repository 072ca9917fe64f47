package io.batchinfer.simulator;

import com.fasterxml.jackson.core.JsonGenerator;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The endpoints: what each requires of a request and how its answers look. */
enum EndpointShape {
  CHAT("/v1/chat/completions"),
  COMPLETIONS("/v1/completions"),
  FIM("/v1/fim/completions"),
  RESPONSES("/v1/responses"),
  MESSAGES("/v1/messages"),
  CONVERSATIONS("/v1/conversations"),
  TRANSCRIPTIONS("/v1/audio/transcriptions"),
  OCR("/v1/ocr"),
  EMBEDDINGS("/v1/embeddings"),
  SCORE("/v1/score"),
  RERANK("/v1/rerank"),
  MODERATIONS("/v1/moderations"),
  CHAT_MODERATIONS("/v1/chat/moderations"),
  CLASSIFICATIONS("/v1/classifications"),
  CHAT_CLASSIFICATIONS("/v1/chat/classifications");

  private static final int MOST_CHOICES = 128;
  private static final int MOST_INPUTS = 2048;

  /** Bytes of an empty text, or list. */
  private static final int EMPTY = 2;

  private static final Map<String, EndpointShape> BY_PATH =
      Arrays.stream(values()).collect(Collectors.toMap(EndpointShape::path, Function.identity()));

  private final String path;

  EndpointShape(String path) {
    this.path = path;
  }

  static Optional<EndpointShape> at(String path) {
    return Optional.ofNullable(BY_PATH.get(path));
  }

  String path() {
    return path;
  }

  private Endpoint endpoint() {
    return Endpoints.at(path);
  }

  void write(JsonGenerator json, AnswerFacts facts) throws IOException {
    switch (this) {
      case CHAT, FIM -> CompletionAnswers.chat(json, facts);
      case COMPLETIONS -> CompletionAnswers.completion(json, facts);
      case RESPONSES -> ResponseAnswers.response(json, facts);
      case CONVERSATIONS -> ResponseAnswers.conversation(json, facts);
      case MESSAGES -> MessageAnswers.message(json, facts);
      case TRANSCRIPTIONS -> MediaAnswers.transcription(json, facts);
      case OCR -> MediaAnswers.ocr(json, facts);
      case EMBEDDINGS -> VectorAnswers.embeddings(json, facts);
      case SCORE -> VectorAnswers.score(json, facts);
      case RERANK -> VectorAnswers.rerank(json, facts);
      case MODERATIONS -> LabelAnswers.moderation(json, facts, facts.fields().items("input"));
      case CHAT_MODERATIONS ->
          LabelAnswers.moderation(json, facts, facts.fields().conversations("input"));
      case CLASSIFICATIONS, CHAT_CLASSIFICATIONS -> LabelAnswers.classification(json, facts);
    }
  }

  /** Whether answers hold text that a model writes token by token. */
  boolean generates() {
    return endpoint().writesText();
  }

  /** What the request wants in place of free text, where the endpoint knows how to give it. */
  Optional<AnswerForm> form(RequestFields fields, long hash) {
    return switch (this) {
      case CHAT, RESPONSES, MESSAGES ->
          AnswerForm.of(fields.format, fields.tools, fields.toolChoice, fields.afterTool, hash);
      default -> Optional.empty();
    };
  }

  int defaultMaximumTokens() {
    return (int) endpoint().unstatedAnswerLimit().orElse(Integer.MAX_VALUE);
  }

  int choices(RequestFields fields) {
    return switch (this) {
      case CHAT, FIM -> fields.choices;
      case COMPLETIONS -> fields.choices * Math.max(1, fields.items("prompt").size());
      default -> 1;
    };
  }

  /** Why a provider would refuse the request. */
  Optional<Refusal> refuse(RequestFields fields) {
    for (String field : required()) {
      if (!fields.has(field)) {
        return Optional.of(missing(field));
      }
    }
    if (fields.streamed) {
      return Optional.of(
          Refusal.badRequest(
              "streaming_unsupported", "stream", "The simulated endpoint does not stream."));
    }
    if (fields.choices > MOST_CHOICES) {
      return Optional.of(
          Refusal.badRequest(
              "invalid_value", "n", "Invalid value for 'n': at most " + MOST_CHOICES + "."));
    }
    return switch (this) {
      case CHAT, MESSAGES -> requireItems(fields, "messages");
      case EMBEDDINGS -> requireItems(fields, "input").or(() -> refuseInputs(fields));
      case MODERATIONS, CHAT_MODERATIONS, CLASSIFICATIONS, CHAT_CLASSIFICATIONS ->
          requireItems(fields, "input");
      case RERANK -> requireItems(fields, "documents");
      case COMPLETIONS -> requireItems(fields, "prompt");
      case SCORE -> requireAny(fields, "text_2", "documents", "items");
      case TRANSCRIPTIONS -> requireAny(fields, "file", "file_url", "file_id");
      case CONVERSATIONS -> requireAny(fields, "model", "agent_id");
      case FIM, RESPONSES, OCR -> Optional.empty();
    };
  }

  private List<String> required() {
    return switch (this) {
      case CHAT -> List.of("model", "messages");
      case MESSAGES -> List.of("model", "messages", "max_tokens");
      case COMPLETIONS, FIM -> List.of("model", "prompt");
      case RESPONSES, EMBEDDINGS, CHAT_MODERATIONS, CLASSIFICATIONS, CHAT_CLASSIFICATIONS ->
          List.of("model", "input");
      case MODERATIONS -> List.of("input");
      case CONVERSATIONS -> List.of("inputs");
      case OCR -> List.of("document");
      case TRANSCRIPTIONS, SCORE -> List.of("model");
      case RERANK -> List.of("model", "query", "documents");
    };
  }

  private static Optional<Refusal> requireItems(RequestFields fields, String field) {
    return fields.items(field).isEmpty()
        ? Optional.of(
            Refusal.badRequest(
                "invalid_value", field, "Invalid '" + field + "': it must not be empty."))
        : Optional.empty();
  }

  /** As OpenAI does: a request with an empty text, or too many inputs, is refused as a whole. */
  private static Optional<Refusal> refuseInputs(RequestFields fields) {
    List<Item> inputs = fields.items("input");
    if (inputs.size() > MOST_INPUTS) {
      return Optional.of(
          Refusal.badRequest(
              "invalid_value",
              "input",
              "Invalid 'input': at most %d inputs, but there are %d."
                  .formatted(MOST_INPUTS, inputs.size())));
    }
    for (int i = 0; i < inputs.size(); i++) {
      if (inputs.get(i).to() - inputs.get(i).from() <= EMPTY) {
        return Optional.of(
            Refusal.badRequest(
                "invalid_value",
                "input",
                "Invalid 'input': input %d of %d is empty.".formatted(i + 1, inputs.size())));
      }
    }
    return Optional.empty();
  }

  private static Optional<Refusal> requireAny(RequestFields fields, String... names) {
    for (String name : names) {
      if (fields.has(name)) {
        return Optional.empty();
      }
    }
    return Optional.of(missing(names[0]));
  }

  private static Refusal missing(String field) {
    return Refusal.badRequest(
        "missing_required_parameter", field, "Missing required parameter: '" + field + "'.");
  }
}
