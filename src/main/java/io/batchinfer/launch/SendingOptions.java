package io.batchinfer.launch;

import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.stream.Stream;

/** The options of every command that sends, whoever asks for the rows. */
public final class SendingOptions {
  private static final List<Option<?>> SHARED =
      List.of(
          Options.MEDIA_ROOT,
          Options.MAX_LINE_BYTES,
          Options.SPLIT_BYTES,
          Options.FLUSH_INTERVAL,
          Options.BASE_URL,
          Options.PROVIDER,
          Options.ENGINE,
          Options.ENGINE_PER,
          Options.ENGINE_HEALTH,
          Options.ENGINE_READY_TIMEOUT,
          Options.ENGINE_HUNG_AFTER,
          Options.ENGINE_ENV,
          Options.BASE_MODEL,
          Options.ADAPTERS,
          Options.QUANTIZATION,
          Options.IMAGE_TAG,
          Options.HUB_TOKEN_ENV,
          Options.CA_FILE,
          Options.HTTP_VERSION,
          Options.SIMULATE,
          Options.API_KEY_ENV,
          Options.API_KEY_FILE,
          Options.API_KEY_HEADER,
          Options.API_KEY_SCHEME,
          Options.HEADER,
          Options.EMBEDDINGS_ENCODING,
          Options.CONCURRENCY,
          Options.REQUESTS_PER_MINUTE,
          Options.TOKENS_PER_MINUTE,
          Options.EMBED_BATCH,
          Options.DEDUPE,
          Options.ORDER,
          Options.PROMPT_CACHE_KEY,
          Options.MAX_RESPONSE_BYTES,
          Options.REQUEST_TIMEOUT,
          Options.CONNECT_TIMEOUT,
          Options.MAX_ATTEMPTS,
          Options.RETRY_AMBIGUOUS,
          Options.MAX_COOL_DOWN,
          Options.WAIT_FOR_ENDPOINT,
          Options.DRAIN_TIMEOUT,
          Options.TAKE_OVER,
          Options.OTLP_ENDPOINT,
          Options.OTLP_HEADERS_ENV,
          Options.CONFIG,
          Options.VERBOSE);

  private SendingOptions() {}

  /**
   * Looks whether something says where the requests go.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where nothing does
   */
  public static void requireEndpoint(ResolvedOptions options) {
    if (!options.find(Options.BASE_URL).orElse(List.of()).isEmpty()
        || options.find(Options.ENGINE).isPresent()) {
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
