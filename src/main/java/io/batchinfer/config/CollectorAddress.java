package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where an OpenTelemetry collector is, and what its requests need. */
public final class CollectorAddress {
  /** The variable that OpenTelemetry's own programs read. */
  static final String USUAL_HEADERS = "OTEL_EXPORTER_OTLP_HEADERS";

  private static final String ACCEPTED = "give scheme, host and port, such as http://otel:4318";

  private CollectorAddress() {}

  /** Drops slashes at the end. What might be a secret is never shown. */
  static String normalised(String text) throws InvalidValue {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
      throw InvalidValue.concealed("starts with neither http:// nor https://", ACCEPTED);
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw InvalidValue.concealed("is not a URL", ACCEPTED);
    }
    if (uri.getRawUserInfo() != null || uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw InvalidValue.concealed(
          "carries a user, a query or a fragment", ACCEPTED + "; headers go into a variable");
    }
    if (uri.getHost() == null || uri.getPort() > 65_535 || uri.getPort() == 0) {
      throw InvalidValue.concealed("has no valid host or port", ACCEPTED);
    }
    String plain = text;
    while (plain.endsWith("/")) {
      plain = plain.substring(0, plain.length() - 1);
    }
    if (plain.endsWith("/v1/metrics") || plain.endsWith("/v1/traces")) {
      throw InvalidValue.concealed(
          "is the URL of one signal",
          "give the one before /v1; /v1/metrics and /v1/traces are added");
    }
    return plain;
  }

  /**
   * The headers of requests to the collector, from the variable that the options name: {@code
   * name=value}, commas between them, values encoded as in a URL.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where the variable is named and not set, or
   *     holds something else
   */
  public static SortedMap<String, String> headers(
      ResolvedOptions options, Map<String, String> environment) {
    SortedMap<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    if (options.find(WatchingOptions.OTLP_ENDPOINT).isEmpty()) {
      return headers;
    }
    String variable = options.get(WatchingOptions.OTLP_HEADERS_ENV);
    String text = environment.getOrDefault(variable, "").strip();
    if (text.isEmpty() && options.isGiven(WatchingOptions.OTLP_HEADERS_ENV)) {
      throw refused(variable, "is not set or empty");
    }
    for (String pair : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1) {
        throw refused(variable, "holds something that is not name=value");
      }
      try {
        Map.Entry<String, String> header =
            HeaderLines.read(
                pair.substring(0, equals).strip()
                    + ": "
                    + decoded(pair.substring(equals + 1).strip()));
        headers.put(header.getKey(), header.getValue());
      } catch (InvalidValue | IllegalArgumentException e) {
        throw refused(variable, "holds what is not a header");
      }
    }
    return headers;
  }

  /** A plus sign is itself there. */
  private static String decoded(String value) {
    return URLDecoder.decode(value.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static BatchException refused(String variable, String why) {
    return new BatchException(
        ErrorCode.USAGE,
        "Environment variable \"%s\", named by --otlp-headers-env, %s. Put name=value there, with commas between several, values encoded as in a URL."
            .formatted(variable, why));
  }
}
