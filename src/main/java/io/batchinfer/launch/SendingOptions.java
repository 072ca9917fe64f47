package io.batchinfer.launch;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.KeyOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.WatchingOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.stream.Stream;

/** The options of every command that sends, whoever asks for the rows. */
public final class SendingOptions {
  private static final List<Option<?>> SHARED =
      List.of(
          InputOutputOptions.MEDIA_ROOT,
          InputOutputOptions.MAX_LINE_BYTES,
          InputOutputOptions.SPLIT_BYTES,
          InputOutputOptions.FLUSH_INTERVAL,
          EndpointOptions.BASE_URL,
          EndpointOptions.PROVIDER,
          EngineOptions.ENGINE,
          EngineOptions.ENGINE_PER,
          EngineOptions.ENGINE_HEALTH,
          EngineOptions.ENGINE_READY_TIMEOUT,
          EngineOptions.ENGINE_HUNG_AFTER,
          EngineOptions.ENGINE_ENV,
          EngineOptions.BASE_MODEL,
          EngineOptions.ADAPTERS,
          EngineOptions.QUANTIZATION,
          EngineOptions.IMAGE_TAG,
          EngineOptions.HUB_TOKEN_ENV,
          EndpointOptions.CA_FILE,
          EndpointOptions.HTTP_VERSION,
          EndpointOptions.SIMULATE,
          KeyOptions.API_KEY_ENV,
          KeyOptions.API_KEY_FILE,
          KeyOptions.API_KEY_HEADER,
          KeyOptions.API_KEY_SCHEME,
          KeyOptions.HEADER,
          ModelOptions.EMBEDDINGS_ENCODING,
          RateOptions.CONCURRENCY,
          RateOptions.REQUESTS_PER_MINUTE,
          RateOptions.TOKENS_PER_MINUTE,
          RateOptions.EMBED_BATCH,
          SavingOptions.DEDUPE,
          SavingOptions.ORDER,
          SavingOptions.PROMPT_CACHE_KEY,
          RateOptions.MAX_RESPONSE_BYTES,
          RetryOptions.REQUEST_TIMEOUT,
          RetryOptions.CONNECT_TIMEOUT,
          RetryOptions.MAX_ATTEMPTS,
          RetryOptions.RETRY_AMBIGUOUS,
          RetryOptions.MAX_COOL_DOWN,
          RetryOptions.WAIT_FOR_ENDPOINT,
          RetryOptions.DRAIN_TIMEOUT,
          RepeatOptions.TAKE_OVER,
          WatchingOptions.OTLP_ENDPOINT,
          WatchingOptions.OTLP_HEADERS_ENV,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  private SendingOptions() {}

  /**
   * Looks whether something says where the requests go.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where nothing does
   */
  public static void requireEndpoint(ResolvedOptions options) {
    if (!options.find(EndpointOptions.BASE_URL).orElse(List.of()).isEmpty()
        || options.find(EngineOptions.ENGINE).isPresent()) {
      return;
    }
    throw new BatchException(
        ErrorCode.USAGE,
        options
            .profile()
            .map(
                provider ->
                    "Provider \"%s\" has no address of its own. Give --base-url URL as well, or --simulate to try things out."
                        .formatted(provider.name()))
            .orElse(
                "No endpoint is named. Give --base-url URL, --provider NAME or --engine COMMAND, or --simulate to try things out."));
  }

  /** These and a command's own. */
  public static List<Option<?>> and(Option<?>... own) {
    return Stream.concat(SHARED.stream(), Stream.of(own)).toList();
  }
}
