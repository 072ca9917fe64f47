package io.batchinfer.config;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy the usual environment variables ask for: {@code HTTPS_PROXY}, {@code HTTP_PROXY},
 * {@code ALL_PROXY}, {@code NO_PROXY}, in either case. {@code HTTP_PROXY} in capitals is honoured
 * as well, since this is not a CGI program.
 */
public final class ProxyEnvironment {
  private ProxyEnvironment() {}

  /** The proxy for that base URL, with its credentials if it has any; treat it as a secret. */
  public static Optional<URI> proxyFor(URI base, Map<String, String> environment) {
    String host = base.getHost() == null ? "" : base.getHost();
    if (isExcepted(host, value(environment, "no_proxy"))) {
      return Optional.empty();
    }
    String scheme = "https".equalsIgnoreCase(base.getScheme()) ? "https_proxy" : "http_proxy";
    String proxy = value(environment, scheme);
    if (proxy == null) {
      proxy = value(environment, "all_proxy");
    }
    if (proxy == null) {
      return Optional.empty();
    }
    return Optional.of(URI.create(proxy.contains("://") ? proxy : "http://" + proxy));
  }

  private static @Nullable String value(Map<String, String> environment, String name) {
    String value = environment.getOrDefault(name, environment.get(name.toUpperCase(Locale.ROOT)));
    return value == null || value.isBlank() ? null : value.strip();
  }

  private static boolean isExcepted(String host, @Nullable String exceptions) {
    if (exceptions == null) {
      return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }
    for (String entry : exceptions.split(",", -1)) {
      String pattern = entry.strip().toLowerCase(Locale.ROOT);
      if (pattern.startsWith("*.")) {
        pattern = pattern.substring(1);
      }
      String lower = host.toLowerCase(Locale.ROOT);
      boolean suffix = lower.endsWith(pattern.startsWith(".") ? pattern : "." + pattern);
      if (!pattern.isEmpty() && (pattern.equals("*") || lower.equals(pattern) || suffix)) {
        return true;
      }
    }
    return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
  }
}
