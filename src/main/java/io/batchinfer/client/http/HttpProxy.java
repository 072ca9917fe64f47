package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.net.ProxyOptions;
import io.vertx.core.net.ProxyType;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Base64;
import java.util.Optional;

/** An HTTP proxy: forwards plain requests, tunnels TLS by CONNECT. */
record HttpProxy(String host, int port, Optional<Credentials> credentials) {

  record Credentials(String user, String password) {
    @Override
    public String toString() {
      return "Credentials[]";
    }
  }

  static HttpProxy parse(URI url) {
    if (!"http".equalsIgnoreCase(url.getScheme()) || url.getHost() == null) {
      throw new IllegalArgumentException(
          "Proxy on host \""
              + url.getHost()
              + "\" with scheme \""
              + url.getScheme()
              + "\" cannot be used: only http://[user:password@]host[:port] is supported.");
    }
    return new HttpProxy(
        url.getHost(),
        url.getPort() == -1 ? 80 : url.getPort(),
        Optional.ofNullable(url.getRawUserInfo()).map(HttpProxy::credentialsOf));
  }

  ProxyOptions tunnel() {
    ProxyOptions options = new ProxyOptions().setType(ProxyType.HTTP).setHost(host).setPort(port);
    credentials.ifPresent(known -> options.setUsername(known.user()).setPassword(known.password()));
    return options;
  }

  /** The value of {@code Proxy-Authorization} for forwarded requests. */
  Optional<String> authorization() {
    return credentials.map(
        known ->
            "Basic "
                + Base64.getEncoder()
                    .encodeToString((known.user() + ":" + known.password()).getBytes(UTF_8)));
  }

  private static Credentials credentialsOf(String rawUserInfo) {
    int colon = rawUserInfo.indexOf(':');
    String user = colon < 0 ? rawUserInfo : rawUserInfo.substring(0, colon);
    String password = colon < 0 ? "" : rawUserInfo.substring(colon + 1);
    return new Credentials(percentDecoded(user), percentDecoded(password));
  }

  private static String percentDecoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), UTF_8);
  }

  @Override
  public String toString() {
    return "http://" + host + ":" + port;
  }
}
