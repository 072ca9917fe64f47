package io.batchinfer.client.http;

import io.batchinfer.model.EndpointUrls;
import java.net.URI;
import java.util.Locale;

/**
 * The only host that a transport calls.
 *
 * @param prefix path in front of every endpoint's path, empty for {@code /v1}
 * @param query behind every path, with its question mark, or empty
 */
record BaseUrl(boolean tls, String host, int port, String prefix, String query) {

  static BaseUrl parse(URI url) {
    String scheme = url.getScheme() == null ? "" : url.getScheme().toLowerCase(Locale.ROOT);
    if (url.getRawUserInfo() != null) {
      throw new IllegalArgumentException(
          "The base URL for host \""
              + url.getHost()
              + "\" contains credentials, which would end up in logs. Configure a key instead.");
    }
    if (!(scheme.equals("http") || scheme.equals("https")) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "Base URL \"" + url + "\" is not of the form http(s)://host[:port][/prefix].");
    }
    if (url.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "Base URL \"" + url + "\" has a fragment, which no server would see. Remove it.");
    }
    boolean tls = scheme.equals("https");
    int port = url.getPort() == -1 ? (tls ? 443 : 80) : url.getPort();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return new BaseUrl(tls, unbracketed(url.getHost()), port, prefixOf(url.getRawPath()), query);
  }

  /** What stands in the request line for a canonical endpoint path. */
  String requestTarget(String path) {
    return EndpointUrls.path(prefix, path) + query;
  }

  /** Host, and port unless it is the scheme's own, as in a Host header. */
  String authority() {
    String name = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
    return port == (tls ? 443 : 80) ? name : name + ":" + port;
  }

  private static String unbracketed(String host) {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  private static String prefixOf(String rawPath) {
    String prefix = withoutTrailingSlashes(rawPath == null ? "" : rawPath);
    return prefix.equals("/v1") ? "" : prefix;
  }

  private static String withoutTrailingSlashes(String path) {
    int end = path.length();
    while (end > 0 && path.charAt(end - 1) == '/') {
      end--;
    }
    return path.substring(0, end);
  }
}
