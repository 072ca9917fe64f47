package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ConnectServer;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Programs that have no Spark, only the client of Spark Connect, and answer tables on a server that
 * has the job jar.
 */
class ConnectIT {

  /** Requests that may be under way at once. */
  private static final int IN_FLIGHT = 8;

  @TempDir static Path directory;
  private static ConnectServer server;

  @BeforeAll
  static void start() {
    server = ConnectServer.start(directory);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void aClientSeesWhatAProgramOfSparkSees() throws IOException {
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
        ForkedProcess client =
            server.startClient(
                TableProgram.class,
                directory,
                List.of(
                    directory.resolve("tables").toString(),
                    endpoint.baseUrl().toString(),
                    server.url()))) {
      TableProgramOutcome.check(
          client.waitFor(LONG_ENOUGH), BuiltProduct.connectVersion(), endpoint);
    }
  }

  @Test
  void theClassForJavaSaysWhatToDoFromThere() throws IOException {
    Path output = directory.resolve("no-run");
    try (ForkedProcess client =
        server.startClient(
            ConnectedProgram.class,
            directory,
            List.of(server.url(), output.toString()),
            BuiltProduct.jobJar())) {
      Finished finished = client.waitFor(LONG_ENOUGH);

      assertThat(finished.stdout())
          .as("%s%s", finished, server.log())
          .startsWith("unsupported_spark 2: A client of Spark Connect has no Spark context")
          .contains("write to format(\"batchinfer\")");
    }
    assertThat(output).doesNotExist();
  }

  @Test
  void aRunThatItsClientCallsOffSavesWhatWasPaidAndTheSameCallGoesOn() throws IOException {
    Path output = directory.resolve("called-off");
    try (SimulatedEndpoint endpoint =
            SimulatedEndpoint.start(
                SimulatorSettings.builder().timeToFirstToken(Duration.ofMillis(500)).build());
        ServerSocket moment = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        ForkedProcess client = startRun(output, endpoint, moment)) {
      try (Socket waiting = moment.accept()) {
        Eventually.await(
            "requests are answered",
            LONG_ENOUGH,
            () -> endpoint.statistics().ok() >= 2 * IN_FLIGHT,
            client::stderr);
        waiting.getOutputStream().write(1);
        Finished finished = client.waitFor(LONG_ENOUGH);
        assertThat(finished.stdout())
            .as("%s%s", finished, server.log())
            .contains("OPERATION_CANCELED");
      }
      Eventually.await(
          "the run has ended", LONG_ENOUGH, () -> !status(output).equals("running"), server::log);
      assertThat(status(output)).isEqualTo("interrupted");
      assertThat(endpoint.statistics().distinctBodies()).isLessThan(CancelledProgram.ROWS);

      endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
      try (ForkedProcess again = startRun(output, endpoint, moment)) {
        Finished finished = again.waitFor(LONG_ENOUGH);
        assertThat(finished.stdout()).as("%s", finished).contains("ended = completed");
      }
      assertThat(endpoint.statistics().distinctBodies()).isEqualTo(CancelledProgram.ROWS);
      assertThat(endpoint.statistics().received())
          .as("what was under way when it was called off may be sent again")
          .isBetween((long) CancelledProgram.ROWS, (long) CancelledProgram.ROWS + IN_FLIGHT);
    }
  }

  private static ForkedProcess startRun(
      Path output, SimulatedEndpoint endpoint, ServerSocket moment) throws IOException {
    return server.startClient(
        CancelledProgram.class,
        directory,
        List.of(
            output.toString(),
            endpoint.baseUrl().toString(),
            server.url(),
            Integer.toString(moment.getLocalPort())));
  }

  private static String status(Path output) {
    try {
      JsonNode job = new ObjectMapper().readTree(Files.readAllBytes(output.resolve("job.json")));
      return job.path("status").asText();
    } catch (IOException e) {
      return "running";
    }
  }
}
