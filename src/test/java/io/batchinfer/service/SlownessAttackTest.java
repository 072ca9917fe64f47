package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.MAX_UPLOAD;
import static io.batchinfer.service.AttackedService.assertRefused;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.service.RawConnection.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that hold connections, and more calls than may be. The service has little patience. */
class SlownessAttackTest {
  private static final int DRIP_MILLIS = 40;

  @TempDir private static Path folder;
  private static AttackedService service;

  @BeforeAll
  static void start() throws IOException {
    service = new AttackedService(folder, AttackedService.SHORT);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void nothingIsHarmed() throws IOException {
    service.assertUnharmed();
  }

  /** The answer to what comes byte by byte; empty where the connection ends without one. */
  private static Optional<Answer> dripped(String atOnce, String bytes) throws IOException {
    ScheduledExecutorService drip = Executors.newSingleThreadScheduledExecutor();
    try (RawConnection connection = service.connect()) {
      connection.trySend(RawConnection.latin(atOnce));
      int[] next = {0};
      Future<?> unused =
          drip.scheduleAtFixedRate(
              () ->
                  connection.trySend(
                      RawConnection.latin("" + bytes.charAt(next[0]++ % bytes.length()))),
              0,
              DRIP_MILLIS,
              TimeUnit.MILLISECONDS);
      return connection.answer(false);
    } finally {
      drip.shutdownNow();
    }
  }

  /** The same where its head comes at once, which is answered. */
  private static Answer answerToDripped(String atOnce, String bytes) throws IOException {
    return service.undelayed(() -> dripped(atOnce, bytes), answer -> true);
  }

  /** A connection on which the answer to what was sent at once begins. */
  private static RawConnection answering(int receiveBuffer, String atOnce) throws IOException {
    RawConnection connection = new RawConnection(service.port(), receiveBuffer);
    // One whose machine stands still is taken for slow.
    while (!connection.trySend(RawConnection.latin(atOnce)) || !connection.begins()) {
      connection.close();
      connection = new RawConnection(service.port(), receiveBuffer);
    }
    return connection;
  }

  @Test
  void aHeadByteByByteEndsTheConnection() throws IOException {
    assertThat(dripped("GET /v1/files HTTP/1.1\r\nHost: a\r\n", "X-Y: z\r\n")).isEmpty();
  }

  @Test
  void anAddressByteByByteEndsTheConnection() throws IOException {
    assertThat(dripped("GET /", "x")).isEmpty();
  }

  @Test
  void aSilentConnectionEnds() throws IOException {
    try (RawConnection connection = service.connect()) {
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @Test
  void aSecondHeadByteByByteEndsTheConnection() throws IOException {
    try (RawConnection connection =
        answering(0, service.head("GET", "/healthz", "-") + "\r\nGET /v1/files HT")) {
      assertThat(connection.answer().status()).isEqualTo(200);
      assertThat(connection.isEnded()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches"})
  void aBodyByteByByteIsRefused(String route) throws IOException {
    assertRefused(
        answerToDripped(
            service.head("POST", route, service.acmeKey) + "Content-Length: 1000\r\n\r\n{", " "),
        408);
  }

  @Test
  void anUploadByteByByteIsRefused() throws IOException {
    String head =
        service.head("POST", "/v1/files", service.acmeKey)
            + "Content-Type: "
            + Form.TYPE
            + "\r\nContent-Length: 100000\r\n\r\n";
    String part =
        "--"
            + Form.BOUNDARY
            + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n"
            + Form.LINE;

    assertRefused(answerToDripped(head + part, "x"), 408);
  }

  @Test
  void anUploadOfNothingIsRefused() throws IOException {
    String head =
        service.head("POST", "/v1/files", service.acmeKey)
            + "Content-Type: "
            + Form.TYPE
            + "\r\nContent-Length: 100000\r\n\r\n";

    assertRefused(answerToDripped(head, "-"), 408);
  }

  @Test
  void aDownloadThatIsNotTakenEnds() throws IOException {
    String line = "{\"a\":\"" + "x".repeat(1000) + "\"}\n";
    List<RawConnection> readers = new ArrayList<>();
    String file = service.upload(service.acmeKey, line.repeat(MAX_UPLOAD / line.length()));
    try {
      for (int i = 0; i < 5; i++) {
        String content = service.head("GET", "/v1/files/" + file + "/content", service.acmeKey);
        readers.add(answering(4096, (content + "\r\n").repeat(8)));
      }
      service.awaitCalls(readers.size(), "GET", "/v1/files/{id}/content", "499");
      for (RawConnection reader : readers) {
        assertThat(reader.drain()).as("bytes before the end").isLessThan(7L * MAX_UPLOAD);
      }
    } finally {
      for (RawConnection reader : readers) {
        reader.close();
      }
    }
  }

  @Test
  void callsBeyondTheRateAreRefusedAndOtherWorkspacesServed() throws IOException {
    assertThat(service.call("GET", "/v1/files", service.slowKey).status()).isEqualTo(200);

    Answer refused = service.call("GET", "/v1/files", service.slowKey);

    assertRefused(refused, 429);
    assertThat(Integer.parseInt(refused.header("retry-after").orElseThrow())).isBetween(1, 10);
    assertThat(refused.header("retry-after-ms").orElseThrow()).matches("\\d+");
    assertThat(service.call("GET", "/v1/files", service.acmeKey).status()).isEqualTo(200);
  }

  @ParameterizedTest(name = "Range: {0}")
  @ValueSource(
      strings = {
        "bytes=0-0,1-1,2-2,3-3",
        "bytes=0-,0-,0-,0-",
        "bytes=5-2",
        "bytes=-",
        "bytes=a-b",
        "bytes=-0",
        "bytes=999999-",
        "bytes=999999999999999999-",
        "bytes=0-99999999999999999999999",
        "bytes=-99999999999999999",
        "lines=0-1",
        "bytes=--1",
        "bytes=0x1-2",
        "bytes= 0-1",
        "0-1",
        "bytes=9223372036854775807-9223372036854775808"
      })
  void aRangeIsAPartOrTheWholeOrRefused(String range) throws IOException {
    String file = service.upload(service.acmeKey, Form.LINE);

    Answer answer =
        service.call("GET", "/v1/files/" + file + "/content", service.acmeKey, "Range: " + range);

    switch (answer.status()) {
      case 416 -> assertRefused(answer, 416);
      case 206 -> assertThat(Form.LINE).contains(answer.text());
      default -> assertThat(answer.text()).isEqualTo(Form.LINE);
    }
  }

  @Test
  void aThousandRangesAreOneAnswer() throws IOException {
    String file = service.upload(service.acmeKey, Form.LINE);
    Answer answer =
        service.call(
            "GET",
            "/v1/files/" + file + "/content",
            service.acmeKey,
            "Range: bytes=" + "0-,".repeat(1000) + "0-");

    assertThat(answer.text()).isEqualTo(Form.LINE);
  }
}
