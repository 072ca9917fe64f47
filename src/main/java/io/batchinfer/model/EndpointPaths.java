package io.batchinfer.model;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The endpoint paths that lines may name, always in the form {@code /v1/…}. */
public final class EndpointPaths {
  public static final String CHAT_COMPLETIONS = "/v1/chat/completions";
  public static final String EMBEDDINGS = "/v1/embeddings";
  public static final String TRANSCRIPTIONS = "/v1/audio/transcriptions";

  /** Paths known without configuration. */
  public static final List<String> KNOWN =
      List.of(
          CHAT_COMPLETIONS,
          "/v1/completions",
          "/v1/responses",
          EMBEDDINGS,
          "/v1/fim/completions",
          "/v1/moderations",
          "/v1/chat/moderations",
          "/v1/ocr",
          "/v1/classifications",
          "/v1/chat/classifications",
          "/v1/conversations",
          TRANSCRIPTIONS,
          "/v1/score",
          "/v1/rerank");

  private EndpointPaths() {}

  /**
   * The canonical path of what a line or an option names: an absolute URL loses scheme and host, a
   * trailing slash goes, a missing {@code /v1} is added. Empty for anything that is not a plain
   * path (query, fragment, dot segments, escapes, backslashes, control characters).
   */
  public static Optional<String> canonical(String url) {
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
    return Optional.of(path.startsWith("/v1/") ? path : "/v1" + path);
  }
}
