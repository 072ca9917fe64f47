package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.EndpointUrls;
import java.io.IOException;
import java.net.Authenticator;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.PasswordAuthentication;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Calls of a provider's API beside its rows: any method, and files of any size from and to disk.
 * Same address, headers, certificates and proxy as a transport of the same settings. Waits for its
 * answers, and sends nothing twice by itself. Thread-safe.
 */
public final class ApiClient {
  private static final String TUNNEL_SCHEMES = "jdk.http.auth.tunneling.disabledSchemes";

  private final HttpTransportSettings settings;
  private final BaseUrl base;
  private final RequestHeaders headers;
  private final HttpClient client;
  private final Optional<String> proxyAuthorization;

  public ApiClient(HttpTransportSettings settings) {
    this.settings = settings;
    this.base = BaseUrl.parse(settings.baseUrl());
    this.headers = new RequestHeaders(settings.headers(), Map.of());
    Optional<HttpProxy> proxy = settings.proxy().map(HttpProxy::parse);
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(settings.connectTimeout());
    proxy.ifPresent(known -> through(builder, known));
    settings.caFile().ifPresent(file -> builder.sslContext(trusting(file)));
    this.client = builder.build();
    this.proxyAuthorization =
        base.tls() ? Optional.empty() : proxy.flatMap(HttpProxy::authorization);
  }

  private void through(HttpClient.Builder builder, HttpProxy proxy) {
    builder.proxy(ProxySelector.of(new InetSocketAddress(proxy.host(), proxy.port())));
    if (base.tls() && proxy.credentials().isPresent()) {
      // The platform refuses to tell a proxy a password unless it is asked to.
      if (System.getProperty(TUNNEL_SCHEMES) == null) {
        System.setProperty(TUNNEL_SCHEMES, "");
      }
      HttpProxy.Credentials known = proxy.credentials().get();
      builder.authenticator(
          new Authenticator() {
            @Override
            protected @Nullable PasswordAuthentication getPasswordAuthentication() {
              return getRequestorType() == RequestorType.PROXY
                  ? new PasswordAuthentication(known.user(), known.password().toCharArray())
                  : null;
            }
          });
    }
  }

  private static SSLContext trusting(Path caFile) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, TrustedCertificates.defaultsAnd(caFile).getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a platform without TLS", e);
    }
  }

  /**
   * A request.
   *
   * @param method such as {@code GET}
   * @param path canonical, such as {@code /v1/files}; appended to the base URL as an endpoint's is
   * @param query without a question mark, or empty
   */
  public record Call(String method, String path, String query) {
    public static Call get(String path) {
      return new Call("GET", path, "");
    }
  }

  /**
   * Makes a call, with a JSON body or none.
   *
   * @throws TransportException when there is no complete answer
   */
  public Reply send(Call call, byte @Nullable [] json) throws InterruptedException {
    HttpRequest.Builder request =
        request(call)
            .method(
                call.method(),
                json == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(json));
    if (json != null) {
      request.setHeader("content-type", "application/json");
    }
    return small(request.build());
  }

  /**
   * Uploads a file as the part {@code file} of a form.
   *
   * @param fields the other parts
   * @throws TransportException when there is no complete answer
   */
  public Reply upload(Call call, Map<String, String> fields, String fileName, Path file)
      throws InterruptedException {
    String boundary = "batchinfer-" + UUID.randomUUID();
    StringBuilder head = new StringBuilder();
    fields.forEach(
        (name, value) ->
            head.append(
                "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n"
                    .formatted(boundary, name, value)));
    head.append(
        "--%s\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: application/jsonl\r\n\r\n"
            .formatted(boundary, fileName));
    try {
      BodyPublisher body =
          BodyPublishers.concat(
              BodyPublishers.ofString(head.toString(), UTF_8),
              BodyPublishers.ofFile(file),
              BodyPublishers.ofString("\r\n--" + boundary + "--\r\n", UTF_8));
      return small(
          request(call)
              .method(call.method(), body)
              .setHeader("content-type", "multipart/form-data; boundary=" + boundary)
              .build());
    } catch (IOException e) {
      throw new IllegalArgumentException("there is no file \"" + file + "\"", e);
    }
  }

  /**
   * Downloads to a file; an answer that is no success comes back with its body instead.
   *
   * @throws TransportException when not all of it came, or nothing came for a request time-out
   */
  public Reply download(Call call, Path to) throws InterruptedException {
    HttpRequest request = request(call).GET().build();
    BodyHandler<byte[]> handler =
        head ->
            head.statusCode() == 200
                ? BodySubscribers.mapping(BodySubscribers.ofFile(to), path -> new byte[0])
                : BodySubscribers.ofByteArray();
    CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(request, handler);
    long before = -1;
    while (true) {
      try {
        return reply(answer.get(settings.requestTimeout().toMillis(), TimeUnit.MILLISECONDS));
      } catch (TimeoutException e) {
        long now = to.toFile().length();
        if (now == before) {
          answer.cancel(true);
          throw new TransportException(
              Kind.TIMED_OUT,
              "%s sent nothing for %s"
                  .formatted(base.authority(), shown(settings.requestTimeout())),
              e);
        }
        before = now;
      } catch (ExecutionException e) {
        throw failed(e.getCause());
      }
    }
  }

  private Reply small(HttpRequest request) throws InterruptedException {
    try {
      return reply(client.send(request, BodyHandlers.ofByteArray()));
    } catch (IOException | RuntimeException e) {
      throw failed(e);
    }
  }

  private static Reply reply(HttpResponse<byte[]> response) {
    return new Reply(
        response.statusCode(),
        name -> response.headers().firstValue(name).orElse(null),
        response.body());
  }

  private HttpRequest.Builder request(Call call) {
    String query =
        call.query().isEmpty() ? "" : (base.query().isEmpty() ? "?" : "&") + call.query();
    URI uri =
        URI.create(
            (base.tls() ? "https://" : "http://")
                + base.authority()
                + EndpointUrls.path(base.prefix(), call.path())
                + base.query()
                + query);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(settings.requestTimeout());
    headers.constantExcept("accept-encoding").forEach(request::setHeader);
    proxyAuthorization.ifPresent(value -> request.setHeader("proxy-authorization", value));
    return request;
  }

  private TransportException failed(@Nullable Throwable thrown) {
    String where = base.authority();
    if (thrown instanceof TransportException known) {
      return known;
    }
    if (thrown instanceof HttpConnectTimeoutException) {
      return new TransportException(
          Kind.CONNECT_FAILED,
          "no connection to %s within %s".formatted(where, shown(settings.connectTimeout())),
          thrown);
    }
    if (thrown instanceof HttpTimeoutException) {
      return new TransportException(
          Kind.TIMED_OUT,
          "no answer from %s within %s".formatted(where, shown(settings.requestTimeout())),
          thrown);
    }
    if (thrown instanceof ConnectException) {
      boolean unknown = thrown.getCause() instanceof UnresolvedAddressException;
      return new TransportException(
          unknown ? Kind.UNKNOWN_HOST : Kind.CONNECT_FAILED,
          unknown ? "the host " + where + " has no address" : "no connection to " + where,
          thrown);
    }
    if (thrown instanceof SSLException) {
      return new TransportException(
          Kind.TLS_FAILED, "no TLS with %s: %s".formatted(where, thrown.getMessage()), thrown);
    }
    return new TransportException(
        Kind.CONNECTION_LOST,
        "the connection to %s was lost: %s"
            .formatted(where, thrown == null ? "unknown" : thrown.getMessage()),
        thrown);
  }

  private static String shown(Duration time) {
    return time.toMillis() / 1e3 + " s";
  }

  /** Deletes a file that a download may have left half; one that is not there is no error. */
  public static void discard(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
