package io.batchinfer.model.endpoint;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What is known of the bodies of one endpoint: where a request has its texts and its limits, what
 * kind of answer it gets and what that says of itself. There is one class for each path, and one
 * for every other. Immutable.
 */
public abstract class Endpoint {
  /** Fields that mean the same wherever they are. */
  private static final Map<String, RequestField> COMMON =
      Map.ofEntries(
          Map.entry("prompt", RequestField.PROMPTS),
          Map.entry("input", RequestField.PROMPTS),
          Map.entry("messages", RequestField.PROMPT),
          Map.entry("inputs", RequestField.PROMPT),
          Map.entry("suffix", RequestField.TEXT),
          Map.entry("instructions", RequestField.TEXT),
          Map.entry("query", RequestField.TEXT),
          Map.entry("documents", RequestField.TEXT),
          Map.entry("text_1", RequestField.TEXT),
          Map.entry("text_2", RequestField.TEXT),
          Map.entry("tools", RequestField.TOOLS),
          Map.entry("functions", RequestField.TOOLS),
          Map.entry("response_format", RequestField.SCHEMA),
          Map.entry("max_tokens", RequestField.ANSWER_LIMIT),
          Map.entry("max_completion_tokens", RequestField.ANSWER_LIMIT),
          Map.entry("max_output_tokens", RequestField.ANSWER_LIMIT),
          Map.entry("n", RequestField.ANSWERS),
          Map.entry("best_of", RequestField.ANSWERS),
          Map.entry("completion_args", RequestField.NESTED));

  /** Fields that hold media, wherever they stand in a request. */
  private static final Set<String> MEDIA =
      Set.of(
          "image_url",
          "image",
          "input_audio",
          "audio_url",
          "audio",
          "video_url",
          "file",
          "file_id",
          "file_url",
          "file_data",
          "document",
          "document_url");

  private final String path;
  private final Map<String, RequestField> fields;
  private final AnswerFields answer;

  /**
   * @param more fields beside those that mean the same everywhere
   */
  Endpoint(String path, Map<String, RequestField> more, AnswerFields answer) {
    this.path = path;
    this.answer = answer;
    Map<String, RequestField> all = new HashMap<>(COMMON);
    all.putAll(more);
    this.fields = Map.copyOf(all);
  }

  Endpoint(String path, AnswerFields answer) {
    this(path, Map.of(), answer);
  }

  /** Canonical path, {@code /v1/…}. */
  public final String path() {
    return path;
  }

  /** What a top-level field of a request is. */
  public final RequestField field(String name) {
    RequestField known = fields.get(name);
    if (known != null) {
      return known;
    }
    return isMedia(name) ? RequestField.MEDIA : RequestField.OTHER;
  }

  /** Whether a field of that name holds an image, a sound or a document, however deep it stands. */
  public boolean isMedia(String name) {
    return MEDIA.contains(name);
  }

  /** Whether a field of that name limits the answer at any endpoint. */
  public static boolean isAnswerLimit(String name) {
    return COMMON.get(name) == RequestField.ANSWER_LIMIT;
  }

  /** Whether a field of that name says how many answers there are at any endpoint. */
  public static boolean isAnswerCount(String name) {
    return COMMON.get(name) == RequestField.ANSWERS;
  }

  /** Whether a model writes the answer token by token. */
  public boolean writesText() {
    return true;
  }

  /** Whether hosted endpoints take what prompts have in common from a cache without being asked. */
  public boolean cachesBeginnings() {
    return writesText();
  }

  /** The most tokens of an answer to a request that states no limit, where the endpoint has one. */
  public OptionalLong unstatedAnswerLimit() {
    return OptionalLong.empty();
  }

  /** The field that says how the vectors of an answer are written; empty where there are none. */
  public Optional<String> vectorEncodingField() {
    return Optional.empty();
  }

  /**
   * The field of a request that takes a text or the tokens of one, or an array of such inputs, each
   * of which the answer has an item of {@code data} for; empty where there is none.
   */
  public Optional<String> inputsField() {
    return Optional.empty();
  }

  /**
   * The field that names a file which is sent along in a form; empty where JSON is sent as it is.
   */
  public Optional<String> fileField() {
    return Optional.empty();
  }

  /**
   * Where a request has what is asked; empty where that is more than messages or a text, or is not
   * known.
   */
  public Optional<RequestContent> content() {
    return Optional.empty();
  }

  /** Where an answer says what it used and how it ended. */
  public final AnswerFields answer() {
    return answer;
  }

  /** The path. */
  @Override
  public final String toString() {
    return path;
  }
}
