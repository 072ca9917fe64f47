package io.batchinfer.live;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.live.LivePage.Run;
import io.batchinfer.model.BatchException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over real connections, with heads that no browser would send. */
class LivePageTest {
  private final AtomicInteger cancels = new AtomicInteger();
  private final CountDownLatch cancelled = new CountDownLatch(1);
  private final LivePage page = LivePage.start(0, new Run(this::report, () -> "3 of 9", this::end));
  private final URI address = URI.create(page.address());
  private final String own = "127.0.0.1:" + address.getPort();

  private byte[] report() {
    return "<!doctype html>the report".getBytes(StandardCharsets.UTF_8);
  }

  private void end() {
    cancels.incrementAndGet();
    cancelled.countDown();
  }

  @AfterEach
  void close() {
    page.close();
  }

  private String call(String method, String path, String host, String... headers)
      throws IOException {
    StringBuilder head = new StringBuilder("%s %s HTTP/1.1\r\n".formatted(method, path));
    head.append("host: ").append(host).append("\r\nconnection: close\r\ncontent-length: 0\r\n");
    for (String header : headers) {
      head.append(header).append("\r\n");
    }
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), address.getPort())) {
      socket.setSoTimeout((int) LONG_ENOUGH.toMillis());
      socket
          .getOutputStream()
          .write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String get(String name) throws IOException {
    return call("GET", address.getPath() + name, own);
  }

  private String cancel(String... headers) throws IOException {
    return call("POST", address.getPath() + "cancel", own, headers);
  }

  private static void assertStatus(String answer, int status) {
    assertThat(answer).startsWith("HTTP/1.1 " + status + " ");
  }

  @Test
  void thePageShowsTheReportAndHowFarTheRunIs() throws Exception {
    assertThat(get(""))
        .startsWith("HTTP/1.1 200 ")
        .contains("frame-ancestors 'none'", "script-src 'self'", "no-store", "<iframe")
        .contains("src=\"live.js\"", "href=\"live.css\"");
    assertThat(get("live.js")).startsWith("HTTP/1.1 200 ").contains("text/javascript", "fetch(");
    assertThat(get("live.css")).startsWith("HTTP/1.1 200 ").contains("text/css");
    assertThat(get("report"))
        .startsWith("HTTP/1.1 200 ")
        .contains("frame-ancestors 'self'")
        .endsWith("<!doctype html>the report");
    assertThat(get("now")).endsWith("3 of 9");
  }

  @Test
  void whoDoesNotKnowTheAddressFindsNothing() throws Exception {
    for (String path : new String[] {"/", "/report", "/" + "0".repeat(32) + "/", "/x/cancel"}) {
      assertStatus(call("GET", path, own), 404);
    }
    assertStatus(call("POST", "/" + "0".repeat(32) + "/cancel", own), 404);
    assertStatus(get("../live.js"), 404);
    assertStatus(get("LiveRequests.class"), 404);
    assertThat(address.getPath()).matches("/[0-9a-f]{32}/");
    assertThat(cancels).hasValue(0);
  }

  /** A name that somebody else has pointed at this machine must not make a page of theirs ours. */
  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "localhost", "127.0.0.1", "127.0.0.1:1", ""})
  void underAnotherNameNothingIsServed(String host) throws Exception {
    assertThat(call("GET", address.getPath() + "report", host))
        .doesNotContain("the report")
        .startsWith("HTTP/1.1 40");
    assertThat(call("POST", address.getPath() + "cancel", host)).startsWith("HTTP/1.1 40");
    assertThat(cancels).hasValue(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "origin: http://evil.example",
        "origin: null",
        "origin: http://127.0.0.1:1",
        "sec-fetch-site: cross-site",
        "sec-fetch-site: same-site"
      })
  void anotherPageMayNotEndTheRun(String header) throws Exception {
    assertStatus(cancel(header), 403);
    assertThat(cancels).hasValue(0);
  }

  @Test
  void aLinkOrAnImageDoesNotEndTheRun() throws Exception {
    assertStatus(get("cancel"), 405);
    assertStatus(call("POST", address.getPath() + "report", own), 405);
    assertThat(cancels).hasValue(0);
  }

  @Test
  void theButtonEndsTheRunOnce() throws Exception {
    assertStatus(cancel("origin: http://" + own, "sec-fetch-site: same-origin"), 202);
    assertStatus(cancel("origin: http://" + own), 202);

    assertThat(cancelled.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(cancels).hasValue(1);
  }

  @Test
  void aReportThatCannotBeMadeIsSaid() throws Exception {
    try (LivePage other =
        LivePage.start(
            0,
            new Run(
                () -> {
                  throw new IllegalStateException("nothing is planned");
                },
                () -> "",
                () -> {}))) {
      URI there = URI.create(other.address());
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), there.getPort())) {
        socket
            .getOutputStream()
            .write(
                "GET %sreport HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nconnection: close\r\n\r\n"
                    .formatted(there.getPath(), there.getPort())
                    .getBytes(StandardCharsets.US_ASCII));
        assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
            .startsWith("HTTP/1.1 503 ")
            .contains("nothing is planned");
      }
    }
  }

  @Test
  void aPortThatIsTakenIsSaidWithWhatToDo() {
    assertThatThrownBy(
            () -> LivePage.start(address.getPort(), new Run(this::report, () -> "", () -> {})))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("127.0.0.1:" + address.getPort())
        .hasMessageContaining("--page");
  }
}
