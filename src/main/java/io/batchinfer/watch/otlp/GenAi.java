package io.batchinfer.watch.otlp;

import io.opentelemetry.api.common.AttributeKey;
import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;

/**
 * The names of OpenTelemetry's semantic conventions for generative AI that are used, and what they
 * say of this program's words.
 */
public final class GenAi {
  /** How long one attempt took, in seconds. */
  public static final String OPERATION_DURATION = "gen_ai.client.operation.duration";

  /** Tokens of one answer, by {@link #TOKEN_TYPE}. */
  public static final String TOKEN_USAGE = "gen_ai.client.token.usage";

  public static final AttributeKey<String> OPERATION_NAME =
      AttributeKey.stringKey("gen_ai.operation.name");
  public static final AttributeKey<String> PROVIDER_NAME =
      AttributeKey.stringKey("gen_ai.provider.name");
  public static final AttributeKey<String> REQUEST_MODEL =
      AttributeKey.stringKey("gen_ai.request.model");
  public static final AttributeKey<String> RESPONSE_MODEL =
      AttributeKey.stringKey("gen_ai.response.model");
  public static final AttributeKey<String> TOKEN_TYPE = AttributeKey.stringKey("gen_ai.token.type");
  public static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
  public static final AttributeKey<String> SERVER_ADDRESS =
      AttributeKey.stringKey("server.address");
  public static final AttributeKey<Long> SERVER_PORT = AttributeKey.longKey("server.port");

  /** Bounds of {@link #OPERATION_DURATION}: a hundredth of a second, doubled thirteen times. */
  public static final List<Double> DURATION_BOUNDS =
      DoubleStream.iterate(0.01, bound -> bound * 2).limit(14).boxed().toList();

  /** Bounds of {@link #TOKEN_USAGE}: the powers of four up to 67,108,864. */
  public static final List<Long> TOKEN_BOUNDS =
      LongStream.iterate(1, bound -> bound * 4).limit(14).boxed().toList();

  private static final String OPENAI = "openai";

  private static final Map<String, String> OPERATIONS =
      Map.of(
          "/v1/chat/completions", "chat",
          "/v1/responses", "chat",
          "/v1/messages", "chat",
          "/v1/conversations", "chat",
          "/v1/completions", "text_completion",
          "/v1/fim/completions", "text_completion",
          "/v1/embeddings", "embeddings");

  private static final Map<String, String> PROVIDERS =
      Map.of(
          "mistral", "mistral_ai",
          "azure", "azure.ai.openai",
          "gemini", "gcp.gemini");

  private GenAi() {}

  /**
   * The operation that an endpoint is for. What the conventions have no word for goes by the path.
   *
   * @param path canonical
   */
  static String operation(String path) {
    String known = OPERATIONS.get(path);
    return known != null
        ? known
        : path.replaceFirst("^/(v[0-9][a-z0-9]*/)?", "").replaceAll("[^A-Za-z0-9]+", "_");
  }

  /**
   * The conventions' word for a provider. They count an endpoint that is known by nothing but the
   * API that it speaks to the provider of that API.
   *
   * @param profile name of the provider's profile, or empty
   */
  static String provider(String profile) {
    return profile.isEmpty() ? OPENAI : PROVIDERS.getOrDefault(profile, profile);
  }
}
