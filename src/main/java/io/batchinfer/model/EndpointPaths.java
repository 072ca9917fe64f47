package io.batchinfer.model;

import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The endpoint paths that lines may name, always in the form {@code /v1/…}. */
public final class EndpointPaths {
  public static final String CHAT_COMPLETIONS = Endpoints.CHAT_COMPLETIONS.path();
  public static final String EMBEDDINGS = Endpoints.EMBEDDINGS.path();
  public static final String TRANSCRIPTIONS = Endpoints.TRANSCRIPTIONS.path();

  /** Anthropic's. */
  public static final String MESSAGES = Endpoints.MESSAGES.path();

  private static final Pattern VERSIONED = Pattern.compile("/v[0-9][a-z0-9]*/");

  /** Paths known without configuration. */
  public static final List<String> KNOWN = Endpoints.ALL.stream().map(Endpoint::path).toList();

  private EndpointPaths() {}

  /**
   * The canonical path of what a line or an option names: an absolute URL loses scheme and host, a
   * trailing slash goes, a missing {@code /v1} is added unless there is another version. Empty for
   * anything that is not a plain path (query, fragment, dot segments, escapes, backslashes, control
   * characters).
   */
  public static Optional<String> canonical(String url) {
    return canonical(url, Set.of());
  }

  /**
   * As {@link #canonical(String)}, for a line that may name the whole path of a base URL.
   *
   * @param prefixes paths of base URLs, which are not part of an endpoint's own path
   */
  public static Optional<String> canonical(String url, Set<String> prefixes) {
    String path = url.strip();
    String lower = path.toLowerCase(Locale.ROOT);
    if (lower.startsWith("http://") || lower.startsWith("https://")) {
      int slash = path.indexOf('/', path.indexOf("//") + 2);
      if (slash < 0) {
        return Optional.empty();
      }
      path = path.substring(slash);
    }
    while (path.length() > 1 && path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    if (!path.startsWith("/") || path.startsWith("//") || path.contains("..")) {
      return Optional.empty();
    }
    for (int i = 0; i < path.length(); i++) {
      char c = path.charAt(i);
      boolean plain =
          (c >= 'a' && c <= 'z')
              || (c >= 'A' && c <= 'Z')
              || (c >= '0' && c <= '9')
              || c == '/'
              || c == '-'
              || c == '_'
              || c == '.';
      if (!plain) {
        return Optional.empty();
      }
    }
    for (String prefix : prefixes) {
      if (path.startsWith(prefix + "/")) {
        path = path.substring(prefix.length());
        break;
      }
    }
    return Optional.of(VERSIONED.matcher(path).lookingAt() ? path : "/v1" + path);
  }
}
