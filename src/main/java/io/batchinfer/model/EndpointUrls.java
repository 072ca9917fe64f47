package io.batchinfer.model;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How an endpoint's path joins a base URL: as the SDKs of the providers do it. Their base URL ends
 * with the version ({@code https://host/v1}), and {@code /chat/completions} is appended. A base URL
 * without any path means {@code /v1}.
 */
public final class EndpointUrls {
  private static final String VERSION = "/v1";
  private static final Pattern TWICE_IN_A_ROW = Pattern.compile("((?:/[^/]+)+?)\\1(?=/|$)");

  private EndpointUrls() {}

  /**
   * The path that is requested.
   *
   * @param prefix path of the base URL without a trailing slash, or empty
   * @param path canonical path of an endpoint
   */
  public static String path(String prefix, String path) {
    return prefix.isEmpty() || !path.startsWith(VERSION + "/")
        ? prefix + path
        : prefix + path.substring(VERSION.length());
  }

  /**
   * The URL that is requested, for messages.
   *
   * @param base normalised; its query goes to the end
   */
  public static String url(String base, String path) {
    int end = end(base);
    int start = pathStart(base);
    return base.substring(0, start) + path(base.substring(start, end), path) + base.substring(end);
  }

  /** The path of a normalised base URL, empty if it has none. */
  public static String prefix(String base) {
    return base.substring(pathStart(base), end(base));
  }

  /**
   * What occurs twice in a row in the path of a URL, which is rarely intended, such as {@code /v1}.
   */
  public static Optional<String> doubled(String url) {
    Matcher matcher = TWICE_IN_A_ROW.matcher(prefix(url));
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  private static int pathStart(String url) {
    int slash = url.indexOf('/', url.indexOf("//") + 2);
    return slash < 0 || slash > end(url) ? end(url) : slash;
  }

  private static int end(String url) {
    int query = url.indexOf('?');
    return query < 0 ? url.length() : query;
  }
}
