package io.batchinfer.service;

import static io.batchinfer.service.AttackedService.assertRefused;
import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that want to fill the memory of a service that has little. */
class MemoryAttackTest {
  private static final int SHARE = 1 << 20;
  private static final int MANY = 12;

  @TempDir private static Path folder;
  private static AttackedService service;

  @BeforeAll
  static void start() throws IOException {
    service = new AttackedService(folder, Patience.DEFAULT, 8L * SHARE);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @AfterEach
  void nothingIsHarmed() throws IOException {
    service.assertUnharmed();
    service.upload(service.acmeKey, Form.LINE.repeat(100));
    service.job(service.acmeKey);
  }

  /** Statuses of calls whose bodies all lack their last byte, as far as they were answered. */
  private static List<Integer> held(String route, String type, byte[] body) throws IOException {
    List<RawConnection> connections = new ArrayList<>();
    List<Integer> statuses = new ArrayList<>();
    try {
      for (int i = 0; i < MANY; i++) {
        RawConnection connection = service.connect();
        connections.add(connection);
        connection.send(
            service.head("POST", route, service.acmeKey)
                + "Content-Type: "
                + type
                + "\r\nContent-Length: "
                + (body.length + 1)
                + "\r\n\r\n");
        connection.trySend(body);
      }
      // One cannot find room beside the others, which go on to hold theirs.
      Eventually.await(
          "a call is refused",
          LONG_ENOUGH,
          () -> connections.stream().anyMatch(RawConnection::isAnswered),
          () -> "none of " + MANY);
      RawConnection.Answer answer =
          connections.stream().filter(RawConnection::isAnswered).findFirst().orElseThrow().answer();
      assertRefused(answer, 503);
      assertThat(answer.header("x-should-retry")).isEmpty();
      statuses.add(answer.status());
    } finally {
      for (RawConnection connection : connections) {
        connection.close();
      }
    }
    return statuses;
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v1/batch/jobs", "/v1/batches"})
  void bodiesTogetherAreBounded(String route) throws IOException {
    assertThat(held(route, "application/json", new byte[SHARE / 8])).containsExactly(503);
  }

  @Test
  void uploadsTogetherAreBounded() throws IOException {
    byte[] form = RawConnection.latin(Form.file("a", "x".repeat(SHARE / 6)));
    byte[] open = java.util.Arrays.copyOf(form, form.length - Form.END.length() - 2);

    assertThat(held("/v1/files", Form.TYPE, open)).containsExactly(503);
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "[]", "{\"a\":1}", "\"\"", "1", "1.5", "null", "[[[]]]"})
  void aBodyOfManyValuesIsNoTree(String value) throws IOException {
    String values = (value + ",").repeat(900_000 / (value.length() + 1));
    for (String route : List.of("/v1/batch/jobs", "/v1/batches")) {
      assertRefused(service.post(route, "{\"a\":[" + values + "0]}"), 413);
    }
  }

  @Test
  void aBodyOfManyKeysIsNoTree() throws IOException {
    StringBuilder keys = new StringBuilder("{");
    for (int i = 0; i < 80_000; i++) {
      keys.append('"').append(Integer.toString(i, 36)).append("\":0,");
    }
    assertRefused(service.post("/v1/batch/jobs", keys + "\"a\":0}"), 413);
  }
}
