package io.batchinfer.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** Base URLs in the one form that endpoint paths are appended to. */
final class BaseUrls {
  private static final String ACCEPTED = "give scheme, host and port, such as http://llm:8000";

  private BaseUrls() {}

  /** Drops trailing slashes and a trailing {@code /v1}. Credentials and queries are never shown. */
  static String normalised(String text) throws InvalidValue {
    String shown = withoutSecrets(text);
    if (text.chars().anyMatch(c -> Character.isWhitespace(c) || Character.isISOControl(c))) {
      throw InvalidValue.of(shown, "is not a base URL: it holds a space", ACCEPTED);
    }
    String lower = text.toLowerCase(Locale.ROOT);
    if (!lower.startsWith("http://") && !lower.startsWith("https://")) {
      throw InvalidValue.of(
          shown, "is not a base URL: it starts with neither http:// nor https://", ACCEPTED);
    }
    URI uri;
    try {
      uri = new URI(text);
    } catch (URISyntaxException e) {
      throw InvalidValue.of(shown, "is not a base URL: it cannot be parsed", ACCEPTED);
    }
    if (uri.getRawUserInfo() != null || text.substring(0, authorityEnd(text)).contains("@")) {
      throw InvalidValue.of(
          shown,
          "is not a base URL: it carries a user or password",
          "name the key's variable with --api-key-env instead");
    }
    if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
      throw InvalidValue.of(shown, "is not a base URL: it has a query or fragment", ACCEPTED);
    }
    if (uri.getHost() == null || uri.getPort() > 65_535 || uri.getPort() == 0) {
      throw InvalidValue.of(shown, "is not a base URL: host or port is not valid", ACCEPTED);
    }
    String path = uri.getRawPath() == null ? "" : trimmed(uri.getRawPath());
    if (path.equals("/v1") || path.endsWith("/v1")) {
      path = trimmed(path.substring(0, path.length() - "/v1".length()));
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String scheme = lower.substring(0, lower.indexOf(':'));
    return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path;
  }

  private static String trimmed(String path) {
    String trimmed = path;
    while (trimmed.endsWith("/")) {
      trimmed = trimmed.substring(0, trimmed.length() - 1);
    }
    return trimmed;
  }

  private static String withoutSecrets(String text) {
    int cut = firstOf(text, 0, "?#");
    String shown = cut < text.length() ? text.substring(0, cut) + "…" : text;
    int at = shown.lastIndexOf('@');
    int slashes = shown.indexOf("//");
    return at < 0
        ? shown
        : shown.substring(0, slashes < 0 ? 0 : slashes + 2) + "…" + shown.substring(at);
  }

  private static int authorityEnd(String text) {
    return firstOf(text, text.indexOf("//") + 2, "/?#");
  }

  private static int firstOf(String text, int from, String any) {
    for (int i = from; i < text.length(); i++) {
      if (any.indexOf(text.charAt(i)) >= 0) {
        return i;
      }
    }
    return text.length();
  }
}
