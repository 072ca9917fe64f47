package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.Saturating;
import io.batchinfer.model.Usage;
import io.batchinfer.model.endpoint.Endpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Bounds what an answer reports to have used by what its request and itself can be. A token stands
 * for a byte at least; beside the bytes there are prompts and reasoning that nobody sees, and what
 * a request only refers to. The bounds are far beyond what any model takes, so that what exceeds
 * them cannot be a number of tokens.
 */
public final class PlausibleUsage {
  /** Tokens of a hidden prompt, or of hidden reasoning per choice; models have 128k of these. */
  static final long HIDDEN = 1L << 18;

  /** More than the largest context of any model, ten million tokens. */
  static final long LARGEST_CONTEXT = 1L << 24;

  /** What a request may refer to without holding it, or hold in fewer bytes than tokens. */
  private static final Pattern REFERENCE =
      Pattern.compile(
          "image|audio|video|file|document|tool|plugin|search|conversation|agent|cache|_id\"|\"prompt\"\\s*:\\s*\\{");

  private PlausibleUsage() {}

  /**
   * The same usage where it is plausible, otherwise one cut down to its bounds.
   *
   * @param request the JSON of the request; empty for one that is not JSON, which counts with its
   *     size
   * @param requestBytes size of the whole request
   * @param answerBytes size of the answer
   */
  public static Usage bounded(Usage stated, byte[] request, long requestBytes, long answerBytes) {
    long mostPrompt = requestBytes + HIDDEN;
    if (stated.promptTokens() > mostPrompt && refersToMore(request, requestBytes)) {
      mostPrompt = requestBytes + LARGEST_CONTEXT;
    }
    long mostCompletion = answerBytes + HIDDEN;
    if (stated.completionTokens() > mostCompletion) {
      mostCompletion = mostCompletion(request, answerBytes);
    }
    long prompt = Math.min(stated.promptTokens(), mostPrompt);
    long completion = Math.min(stated.completionTokens(), mostCompletion);
    long cached = Math.min(stated.cachedTokens(), prompt);
    long reasoning = Math.min(stated.reasoningTokens(), completion);
    boolean plausible =
        prompt == stated.promptTokens()
            && completion == stated.completionTokens()
            && cached == stated.cachedTokens()
            && reasoning == stated.reasoningTokens();
    return plausible ? stated : new Usage(prompt, completion, cached, reasoning);
  }

  private static boolean refersToMore(byte[] request, long requestBytes) {
    String text = new String(request, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    return request.length < requestBytes || REFERENCE.matcher(text).find();
  }

  private static long mostCompletion(byte[] request, long answerBytes) {
    long choices = 1;
    long allowed = 0;
    try (JsonParser parser = Json.parser(request, 0, request.length)) {
      if (parser.nextToken() == JsonToken.START_OBJECT) {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
          String name = parser.currentName();
          boolean number =
              parser.nextToken() == JsonToken.VALUE_NUMBER_INT
                  && parser.getNumberType() == JsonParser.NumberType.INT;
          if (number && Endpoint.isAnswerCount(name)) {
            choices = Math.max(choices, parser.getIntValue());
          } else if (number && Endpoint.isAnswerLimit(name)) {
            allowed = Math.max(allowed, parser.getIntValue());
          }
          parser.skipChildren();
        }
      }
    } catch (IOException e) {
      // A request that is not JSON allows what it can be without a word about it.
      return answerBytes + HIDDEN;
    }
    long hidden = Math.max(HIDDEN, allowed) * choices;
    return Saturating.sum(answerBytes, Math.min(hidden, LARGEST_CONTEXT));
  }
}
