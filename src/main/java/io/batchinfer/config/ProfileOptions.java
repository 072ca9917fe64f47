package io.batchinfer.config;

import java.util.List;
import java.util.Map;

/** What a provider profile may say besides the options of the catalogue. */
final class ProfileOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.ENDPOINT);

  static final Option<List<String>> ENDPOINTS =
      add(Option.list("endpoints", "PATH", EndpointOptions::endpointPath).commaSeparated());
  static final Option<Map<String, String>> REQUEST_HEADER = add(Option.headers("request-header"));
  static final Option<Long> BATCH_MAX_LINES = add(Option.longNumber("batch-max-lines").atLeast(1L));
  static final Option<Long> BATCH_MAX_BYTES = add(Option.bytes("batch-max-bytes").atLeast(1L));
  static final Option<Boolean> IDEMPOTENCY_KEY = add(Option.flag("idempotency-key"));
  static final Option<Boolean> TAKES_CACHE_KEY = add(Option.flag("takes-prompt-cache-key"));
  static final Option<Boolean> KEY_OPTIONAL = add(Option.flag("key-optional"));
  static final Option<String> MAX_TOKENS_FIELD = add(Option.text("max-tokens-field", "FIELD"));

  private ProfileOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  private static <T> Option<T> add(OptionBuilder<T> builder) {
    return OPTIONS.add(builder, "Only in provider profiles.");
  }
}
