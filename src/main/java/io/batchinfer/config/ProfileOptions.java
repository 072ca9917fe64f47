package io.batchinfer.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

/** What a provider profile may say besides the options of the catalogue. */
final class ProfileOptions {
  private static final List<Option<?>> ALL = new ArrayList<>();

  static final Option<List<String>> ENDPOINTS =
      add(Option.list("endpoints", "PATH", Options::endpointPath).commaSeparated());
  static final Option<Map<String, String>> REQUEST_HEADER = add(Option.headers("request-header"));
  static final Option<Long> BATCH_MAX_LINES = add(Option.longNumber("batch-max-lines").atLeast(1L));
  static final Option<Long> BATCH_MAX_BYTES = add(Option.bytes("batch-max-bytes").atLeast(1L));
  static final Option<Boolean> IDEMPOTENCY_KEY = add(Option.flag("idempotency-key"));
  static final Option<Boolean> TAKES_CACHE_KEY = add(Option.flag("takes-prompt-cache-key"));
  static final Option<Boolean> KEY_OPTIONAL = add(Option.flag("key-optional"));
  static final Option<String> MAX_TOKENS_FIELD = add(Option.text("max-tokens-field", "FIELD"));

  private ProfileOptions() {}

  static List<Option<?>> all() {
    return Collections.unmodifiableList(ALL);
  }

  private static <T> Option<T> add(Option.Builder<T> builder) {
    Option<T> option = builder.documented(OptionGroup.ENDPOINT, "Only in provider profiles.");
    ALL.add(option);
    return option;
  }
}
