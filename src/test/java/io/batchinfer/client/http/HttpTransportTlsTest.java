package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.BatchException;
import io.batchinfer.time.SystemTime;
import io.vertx.core.http.HttpServerOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HttpTransportTlsTest {
  private static final String SPARK_FLAG =
      "-Dio.netty.handler.ssl.defaultEndpointVerificationAlgorithm=NONE";

  @TempDir private static Path folder;
  private static TestCertificates rightHost;
  private static TestCertificates wrongHost;
  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  @BeforeAll
  static void makeCertificates() throws IOException, InterruptedException {
    rightHost = TestCertificates.forHost("localhost", folder);
    wrongHost = TestCertificates.forHost("elsewhere.example", folder);
  }

  private static LibraryServer server(TestCertificates certificates, boolean alpn) {
    return LibraryServer.tellingTheVersion(
        new HttpServerOptions()
            .setSsl(true)
            .setUseAlpn(alpn)
            .setKeyCertOptions(certificates.serverKey()));
  }

  private static HttpTransportSettings to(LibraryServer server) {
    return HttpTransportSettings.defaults(URI.create("https://localhost:" + server.port()))
        .withEventLoops(2);
  }

  private HttpTransport open(HttpTransportSettings settings) {
    return HttpTransport.open(settings, time, () -> true);
  }

  @Test
  void http2IsNegotiatedWhenTheServerOffersIt() {
    try (LibraryServer server = server(rightHost, true);
        HttpTransport transport = open(to(server).withCaFile(rightHost.certificate()))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("h2");
    }
  }

  @Test
  void http11IsSpokenWhenTheServerOffersNothingElse() {
    try (LibraryServer server = server(rightHost, false);
        HttpTransport transport = open(to(server).withCaFile(rightHost.certificate()))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("http/1.1");
    }
  }

  @Test
  void http11IsSpokenWhenAskedFor() {
    try (LibraryServer server = server(rightHost, true);
        HttpTransport transport =
            open(
                to(server)
                    .withCaFile(rightHost.certificate())
                    .withVersions(HttpVersions.HTTP_1_1))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("http/1.1");
    }
  }

  @Test
  void http2WithoutAskingIsSpokenOverTls() {
    try (LibraryServer server = server(rightHost, true);
        HttpTransport transport =
            open(
                to(server)
                    .withCaFile(rightHost.certificate())
                    .withVersions(HttpVersions.HTTP_2_PRIOR_KNOWLEDGE))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("h2");
    }
  }

  @Test
  void certificateOfAnAddressIsAcceptedForThatAddress() throws Exception {
    TestCertificates address = TestCertificates.forAddress("127.0.0.1", folder);
    try (LibraryServer server = server(address, true);
        HttpTransport transport =
            open(
                HttpTransportSettings.defaults(URI.create("https://127.0.0.1:" + server.port()))
                    .withCaFile(address.certificate()))) {
      assertThat(text(replyTo(transport.send(chat("{}"))))).isEqualTo("h2");
    }
  }

  @Test
  void unknownAuthorityIsRefused() {
    try (LibraryServer server = server(rightHost, true);
        HttpTransport transport = open(to(server))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.TLS_FAILED);
      assertThat(failure.kind().mayHaveRun()).isFalse();
    }
  }

  @Test
  void certificateOfAnotherHostIsRefused() {
    try (LibraryServer server = server(wrongHost, true);
        HttpTransport transport = open(to(server).withCaFile(wrongHost.certificate()))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.TLS_FAILED);
      assertThat(failure).hasMessageContainingAll("localhost", "--ca-file");
    }
  }

  @Test
  void plainServerIsNotTls() throws IOException {
    try (RawServer plain =
            RawServer.running(
                socket -> {
                  assertThat(socket.getInputStream().read()).isEqualTo(0x16);
                  socket.getOutputStream().write("HTTP/1.1 400 Bad\r\n\r\n".getBytes(UTF_8));
                });
        HttpTransport transport =
            open(HttpTransportSettings.defaults(URI.create("https://127.0.0.1:" + plain.port())))) {
      TransportException failure = failureOf(transport.send(chat("{}")));

      assertThat(failure.kind()).isEqualTo(Kind.TLS_FAILED);
      assertThat(failure)
          .hasMessageEndingWith(
              ": it answers, but not in TLS. If it speaks plain HTTP, its URL begins with http:.");
    }
  }

  @Test
  void hostIsVerifiedUnderTheFlagThatSparkSets() throws Exception {
    try (LibraryServer wrong = server(wrongHost, true);
        LibraryServer right = server(rightHost, true)) {
      assertThat(probe(wrong, wrongHost)).isEqualTo("TLS_FAILED");
      assertThat(probe(right, rightHost)).isEqualTo("200");
    }
  }

  @Test
  void caFileIsAddedToTheAuthoritiesOfTheJvm() {
    var trusted = TrustedCertificates.defaultsAnd(rightHost.certificate()).getTrustManagers();

    assertThat(((X509TrustManager) trusted[0]).getAcceptedIssuers())
        .hasSizeGreaterThan(20)
        .anyMatch(issuer -> issuer.getSubjectX500Principal().getName().equals("CN=localhost"));
  }

  @Test
  void unusableCaFileIsNamed() {
    Path missing = folder.resolve("missing.pem");
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(URI.create("https://localhost")).withCaFile(missing);

    assertThatThrownBy(() -> open(settings))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining(missing.toString())
        .hasMessageContaining("there is no such file");
  }

  private static String probe(LibraryServer server, TestCertificates trusted)
      throws IOException, InterruptedException {
    Path output = folder.resolve("probe-" + server.port() + ".txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                SPARK_FLAG,
                "-cp",
                System.getProperty("java.class.path"),
                TlsProbe.class.getName(),
                "https://localhost:" + server.port(),
                trusted.certificate().toString())
            .redirectOutput(output.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertThat(process.waitFor(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return Files.readString(output).trim();
  }
}
