package io.batchinfer.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Base URLs in the one form that endpoint paths are appended to. */
final class BaseUrls {
  private static final String ACCEPTED = "give scheme, host and port, such as http://llm:8000";
  private static final List<String> ENDPOINTS =
      List.of("/chat/completions", "/completions", "/responses", "/embeddings", "/messages");
  private static final Pattern KEY_IN_QUERY =
      Pattern.compile(
          "(?i)(^|[&;])[^=&;]*(key|token|secret|password|passwd|sig|signature|code|auth)=");

  private BaseUrls() {}

  /**
   * Drops trailing slashes and the path {@code /v1}, which none means as well; any other path and a
   * query stay. Credentials are never shown, nor is what is refused of a query.
   */
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
    if (uri.getRawFragment() != null) {
      throw InvalidValue.of(shown, "is not a base URL: it has a fragment", ACCEPTED);
    }
    String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
    if (!query.isEmpty() && KEY_IN_QUERY.matcher(query.substring(1)).find()) {
      throw InvalidValue.of(
          shown,
          "seems to carry a key in its query, which would be stored and shown",
          "name the key's variable with --api-key-env and its header with --api-key-header");
    }
    if (uri.getHost() == null || uri.getPort() > 65_535 || uri.getPort() == 0) {
      throw InvalidValue.of(shown, "is not a base URL: host or port is not valid", ACCEPTED);
    }
    String path = uri.getRawPath() == null ? "" : trimmed(uri.getRawPath());
    for (String endpoint : ENDPOINTS) {
      if (path.endsWith(endpoint)) {
        throw InvalidValue.of(
            shown,
            "is the URL of an endpoint, not a base URL",
            "leave \"" + endpoint + "\" off; it is appended");
      }
    }
    if (path.equals("/v1")) {
      path = "";
    }
    String port = uri.getPort() < 0 ? "" : ":" + uri.getPort();
    String scheme = lower.substring(0, lower.indexOf(':'));
    return scheme + "://" + uri.getHost().toLowerCase(Locale.ROOT) + port + path + query;
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
