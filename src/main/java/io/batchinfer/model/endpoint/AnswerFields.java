package io.batchinfer.model.endpoint;

import java.util.HashMap;
import java.util.Map;

/**
 * Where the body of an answer says what it used and how it ended. What it used is in {@code usage}.
 *
 * @param tokens names in {@code usage} and its objects of details
 * @param endings what words mean by the field in which they stand: {@code finish_reason} of a
 *     choice, {@code reason} of {@code incomplete_details}, {@code stop_reason}, {@code status}, or
 *     {@code type} of a part of the output
 */
public record AnswerFields(
    Map<String, TokenCount> tokens, Map<String, Map<String, Ending>> endings) {
  public static final String FINISH_REASON = "finish_reason";
  public static final String INCOMPLETE_REASON = "reason";
  public static final String STOP_REASON = "stop_reason";
  public static final String STATUS = "status";
  public static final String PART_TYPE = "type";

  private static final String CONTENT_FILTER = "content_filter";

  /** Servers of all kinds use either word. */
  private static final Map<String, TokenCount> TOKENS =
      Map.of(
          "prompt_tokens", TokenCount.PROMPT,
          "input_tokens", TokenCount.PROMPT,
          "completion_tokens", TokenCount.COMPLETION,
          "output_tokens", TokenCount.COMPLETION,
          "cached_tokens", TokenCount.CACHED,
          "reasoning_tokens", TokenCount.REASONING);

  private static final Map<String, Ending> FINISH_REASONS =
      Map.of(
          "length",
          Ending.CUT,
          "model_length",
          Ending.CUT,
          CONTENT_FILTER,
          Ending.FILTERED,
          "error",
          Ending.FAILED);

  private static final Map<String, Ending> INCOMPLETE_REASONS =
      Map.of("max_output_tokens", Ending.CUT, CONTENT_FILTER, Ending.FILTERED);

  private static final Map<String, Ending> STOP_REASONS =
      Map.of(
          "max_tokens", Ending.CUT,
          "model_context_window_exceeded", Ending.CUT,
          "refusal", Ending.FILTERED);

  /**
   * OpenAI's completions, and what Mistral, vLLM and others made of them.
   *
   * @see <a href="https://platform.openai.com/docs/api-reference/chat/object">the chat object</a>
   */
  static final AnswerFields COMPLETION =
      new AnswerFields(TOKENS, Map.of(FINISH_REASON, FINISH_REASONS));

  /**
   * OpenAI's responses.
   *
   * @see <a href="https://platform.openai.com/docs/api-reference/responses/object">the response
   *     object</a>
   */
  static final AnswerFields RESPONSE =
      new AnswerFields(
          TOKENS,
          Map.of(
              INCOMPLETE_REASON,
              INCOMPLETE_REASONS,
              STATUS,
              Map.of("failed", Ending.FAILED, "cancelled", Ending.FAILED),
              PART_TYPE,
              Map.of("refusal", Ending.FILTERED)));

  /**
   * Anthropic's messages, which count what went through the cache beside the input.
   *
   * @see <a href="https://docs.anthropic.com/en/api/messages">the messages API</a>
   */
  static final AnswerFields MESSAGE =
      new AnswerFields(withCacheBeside(Map.of()), Map.of(STOP_REASON, STOP_REASONS));

  /** An endpoint of which nothing is known: it may be like any of these. */
  static final AnswerFields ANY =
      new AnswerFields(
          withCacheBeside(TOKENS),
          Map.of(
              FINISH_REASON,
              FINISH_REASONS,
              INCOMPLETE_REASON,
              INCOMPLETE_REASONS,
              STOP_REASON,
              STOP_REASONS));

  private static Map<String, TokenCount> withCacheBeside(Map<String, TokenCount> more) {
    Map<String, TokenCount> all = new HashMap<>(more);
    all.put("input_tokens", TokenCount.PROMPT);
    all.put("output_tokens", TokenCount.COMPLETION);
    all.put("cache_read_input_tokens", TokenCount.CACHED_BESIDE);
    all.put("cache_creation_input_tokens", TokenCount.BESIDE);
    return Map.copyOf(all);
  }

  /** Whether that field says how an answer ended. */
  public boolean tells(String field) {
    return endings.containsKey(field);
  }

  /** What a word in that field says. */
  public Ending ending(String field, String word) {
    Map<String, Ending> words = endings.getOrDefault(field, Map.of());
    // Some add to the word what the filter found.
    return words.getOrDefault(
        word.startsWith(CONTENT_FILTER) ? CONTENT_FILTER : word, Ending.WHOLE);
  }
}
