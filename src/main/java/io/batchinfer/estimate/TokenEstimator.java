package io.batchinfer.estimate;

import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.row.ImagePart;
import io.batchinfer.row.PromptTexts;

/**
 * Estimates the tokens of requests before they are sent. Vocabularies of OpenAI models are bundled;
 * other models are counted with {@code o200k_base} as a stand-in, which is stated in {@link
 * TokenEstimate#uncertainPromptTokens}. Thread-safe; the first use of a vocabulary takes a moment.
 */
public final class TokenEstimator {
  /** Assumed for each sound, file or document, whatever its size. */
  public static final long TOKENS_PER_MEDIA_ITEM = 765;

  /** Assumed for one completion that the request does not limit further, where nothing is known. */
  public static final long EXPECTED_COMPLETION = 256;

  /** Assumed as the most for one completion of a request that states no limit. */
  public static final long UNSTATED_MAX_COMPLETION = 4_096;

  private static final long TOKENS_PER_MESSAGE = 4;
  private static final long TOKENS_TO_START_A_REPLY = 3;
  private static final int BYTES_PER_TOKEN = 4;
  private final String jobModel;
  private final double typicalCompletion;

  /**
   * @param jobModel model of the bodies that name none; may be empty
   */
  public TokenEstimator(String jobModel) {
    this(jobModel, EXPECTED_COMPLETION);
  }

  /**
   * @param jobModel model of the bodies that name none; may be empty
   * @param typicalCompletion tokens that a completion has on average, where requests allow that
   *     many
   */
  public TokenEstimator(String jobModel, double typicalCompletion) {
    this.jobModel = jobModel;
    this.typicalCompletion = typicalCompletion;
  }

  /** Prompt tokens by size alone, for where speed counts more than accuracy. */
  public static long quick(long bodyBytes) {
    return Math.max(1, (bodyBytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN);
  }

  /** Name of the vocabulary a model is counted with, marked where it is a stand-in. */
  public static String vocabulary(String model) {
    return Vocabulary.ofModel(model).words();
  }

  /**
   * Estimates one request.
   *
   * @param path canonical endpoint path
   * @param body JSON of the request
   * @throws IllegalArgumentException if the body is not a JSON object; the message shows nothing of
   *     it
   */
  public TokenEstimate estimate(String path, byte[] body) {
    return estimate(path, PromptTexts.read(path, body));
  }

  /**
   * Estimates one request whose body was read already.
   *
   * @param path canonical endpoint path
   */
  public TokenEstimate estimate(String path, PromptTexts prompt) {
    String model = prompt.model().orElse(jobModel);
    Vocabulary vocabulary = Vocabulary.ofModel(model);
    long counted = 0;
    for (String text : prompt.texts()) {
      counted += vocabulary.count(text);
    }
    for (String tools : prompt.tools()) {
      counted += ToolTokens.of(vocabulary, tools);
    }
    if (prompt.messages() > 0) {
      counted += prompt.messages() * TOKENS_PER_MESSAGE + TOKENS_TO_START_A_REPLY;
    }
    long media = prompt.media() * TOKENS_PER_MEDIA_ITEM;
    long images = 0;
    long uncertain = media + (vocabulary.isOwn() ? 0 : counted);
    for (ImagePart image : prompt.images()) {
      long each = ImageTokens.of(model, image);
      images += each;
      uncertain += ImageTokens.isKnown(model) && image.isSized() ? 0 : each;
    }
    long tokens = counted + prompt.tokenIds() + media + images;
    Endpoint endpoint = Endpoints.at(path);
    if (!endpoint.writesText()) {
      return new TokenEstimate(tokens, uncertain, 0, 0);
    }
    long completions = (long) prompt.prompts() * prompt.choices();
    long most =
        prompt.maxTokens().orElse(endpoint.unstatedAnswerLimit().orElse(UNSTATED_MAX_COMPLETION));
    return new TokenEstimate(
        tokens,
        uncertain,
        Math.round(Math.min((double) most, typicalCompletion) * completions),
        saturated(most, completions));
  }

  /** A body may state any limit; keep sums of a whole job far from overflow. */
  private static long saturated(long most, long completions) {
    return Math.min(most, Integer.MAX_VALUE) * completions;
  }
}
