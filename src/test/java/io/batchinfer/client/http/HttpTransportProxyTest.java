package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.time.SystemTime;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTransportProxyTest {
  private static final String BASIC_OF_ME_AND_P_AT_SS = "Basic bWU6cEBzcw==";

  @TempDir private static Path folder;
  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  private HttpTransport open(HttpTransportSettings settings) {
    return HttpTransport.open(settings.withEventLoops(1), time, () -> true);
  }

  private static URI proxyUrl(RawServer proxy) {
    return URI.create("http://me:p%40ss@127.0.0.1:" + proxy.port());
  }

  @Test
  void plainRequestIsForwardedWithItsWholeUrl() throws IOException {
    try (RawServer proxy = RawServer.answering(RawServer.ok("via proxy"));
        HttpTransport transport =
            open(
                HttpTransportSettings.defaults(URI.create("http://llm.invalid:8000/x/v1"))
                    .withProxy(proxyUrl(proxy)))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("via proxy");

      assertThat(proxy.requests.get(0))
          .startsWith("POST http://llm.invalid:8000/x/v1/chat/completions HTTP/1.1\r\n")
          .containsIgnoringCase("\r\nhost: llm.invalid:8000\r\n")
          .containsIgnoringCase("\r\nproxy-authorization: " + BASIC_OF_ME_AND_P_AT_SS + "\r\n");
    }
  }

  @Test
  void tlsIsTunnelledAndTheProxySeesNoRequest() throws Exception {
    TestCertificates certificates = TestCertificates.forHost("localhost", folder);
    List<String> connects = new CopyOnWriteArrayList<>();
    try (LibraryServer server =
            LibraryServer.tellingTheVersion(
                new HttpServerOptions()
                    .setSsl(true)
                    .setUseAlpn(true)
                    .setKeyCertOptions(certificates.serverKey()));
        RawServer proxy =
            RawServer.running(
                client -> {
                  connects.add(RawServer.readRequest(client.getInputStream()));
                  try (Socket target =
                      new Socket(InetAddress.getLoopbackAddress(), server.port())) {
                    client
                        .getOutputStream()
                        .write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(UTF_8));
                    pumpInBackground(client.getInputStream(), target.getOutputStream());
                    target.getInputStream().transferTo(client.getOutputStream());
                  }
                });
        HttpTransport transport =
            open(
                HttpTransportSettings.defaults(URI.create("https://localhost:" + server.port()))
                    .withHeaders(Map.of("Authorization", "Bearer k"))
                    .withCaFile(certificates.certificate())
                    .withProxy(proxyUrl(proxy)))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("h2");

      assertThat(connects).hasSize(1);
      assertThat(connects.get(0))
          .startsWith("CONNECT localhost:" + server.port() + " HTTP/1.1\r\n")
          .containsIgnoringCase("proxy-authorization: " + BASIC_OF_ME_AND_P_AT_SS)
          .doesNotContain("Bearer");
    }
  }

  @Test
  void proxyThatRefusesIsAConnectFailureThatTellsNoPassword() throws IOException {
    try (RawServer proxy =
            RawServer.answering("HTTP/1.1 407 Authenticate\r\nContent-Length: 0\r\n\r\n");
        HttpTransport transport =
            open(
                HttpTransportSettings.defaults(URI.create("https://llm.invalid"))
                    .withProxy(proxyUrl(proxy)))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.CONNECT_FAILED);
      assertThat(failure).hasMessageNotContaining("p@ss").hasMessageNotContaining("p%40ss");
      assertThat(failure)
          .hasMessageContaining("through the proxy \"http://127.0.0.1:" + proxy.port() + "\"");
    }
  }

  private static void pumpInBackground(InputStream in, OutputStream out) {
    Thread pump =
        new Thread(
            () -> {
              try {
                in.transferTo(out);
                out.close();
              } catch (IOException ended) {
                Thread.currentThread().interrupt();
              }
            },
            "raw-server");
    pump.setDaemon(true);
    pump.start();
  }
}
