package io.batchinfer.estimate;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What providers say that their own batch services take off the price, as of November 2026, for
 * lists that say nothing of it. Only providers that take the same share off all models are here.
 */
final class BatchDiscounts {
  private static final String HALF = "0.5";
  private static final Map<String, String> BY_PROVIDER =
      Map.of(
          "anthropic", HALF,
          "azure", HALF,
          "fireworks", HALF,
          "gemini", HALF,
          "mistral", HALF,
          "openai", HALF,
          "voyageai", "0.33");

  /** Parts of the names of models that these services do not take. */
  private static final List<String> NOT_IN_BATCHES =
      List.of(
          "audio",
          "realtime",
          "tts",
          "live",
          "image",
          "search",
          "codex",
          "chatgpt",
          "chat-latest",
          "whisper",
          "transcribe",
          "voxtral",
          "ft:");

  /** What a regular expression says that names must not hold. */
  private static final Pattern LEFT_OUT = Pattern.compile("^~\\^\\(\\?!.*\\)");

  private BatchDiscounts() {}

  /**
   * The share, from 0 to 1; empty where it is not known.
   *
   * @param provider name of its profile
   * @param models as they stand in a line of {@code prices.conf}
   */
  static Optional<String> of(String provider, String models) {
    String name = LEFT_OUT.matcher(models).replaceFirst("").toLowerCase(Locale.ROOT);
    return NOT_IN_BATCHES.stream().anyMatch(name::contains)
        ? Optional.empty()
        : Optional.ofNullable(BY_PROVIDER.get(provider));
  }
}
