package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.SparkCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service as the driver of a real cluster, which loses an executor in the middle of its jobs.
 */
class ServiceOnClusterIT {
  private static final int WORKERS = 2;
  private static final int JOBS_OF_EACH = 2;
  private static final int ROWS = 250;
  private static final int IN_FLIGHT = 16;

  /** Answers of one flush interval and as much again, at the endpoint's full rate. */
  private static final int ANSWERED = 80;

  @TempDir Path directory;

  @Test
  void jobsOfSeveralWorkspacesRunOnExecutorsAndSurviveTheLossOfOne()
      throws IOException, InterruptedException {
    SimulatorSettings settings =
        SimulatorSettings.defaults().toBuilder()
            .slots(IN_FLIGHT)
            .timeToFirstToken(Duration.ofMillis(100))
            .build();
    List<String> options = new ArrayList<>(List.of("--concurrency", "" + IN_FLIGHT));
    options.addAll(List.of("--driver-memory", "768m", "--executor-memory", "768m"));
    options.addAll(List.of("--conf", "spark.driver.host=127.0.0.1"));
    options.addAll(List.of("--conf", "spark.driver.bindAddress=127.0.0.1"));
    options.addAll(List.of("--conf", "spark.ui.enabled=false"));
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings);
        SparkCluster cluster = SparkCluster.start(WORKERS)) {
      options.addAll(List.of("--master", cluster.masterUrl()));
      options.addAll(List.of("--base-url", endpoint.baseUrl().toString()));
      try (ShippedService service =
          ShippedService.start(
              ShippedService.unpack(directory),
              directory.resolve("service"),
              List.of("ours", "theirs"),
              options)) {
        ServiceClient ours = new ServiceClient(service.key("ours"));
        ServiceClient theirs = new ServiceClient(service.key("theirs"));
        for (int i = 0; i < JOBS_OF_EACH; i++) {
          ours.create(service.url(), "ours" + i, ROWS);
          theirs.create(service.url(), "theirs" + i, ROWS);
        }
        Eventually.await(
            "a job of each workspace is at work",
            LONG_ENOUGH,
            () -> isAtWork(ours, service) && isAtWork(theirs, service),
            service::log);
        assertThat(cluster.executors()).hasSize(WORKERS);
        cluster.executors().get(0).destroyForcibly();

        for (ServiceClient client : List.of(ours, theirs)) {
          Eventually.await(
              "all jobs are over",
              LONG_ENOUGH,
              () ->
                  client.count(service.url(), job -> !job.path("completed_at").isNull())
                      == JOBS_OF_EACH,
              service::log);
          Set<String> ids = new HashSet<>();
          for (JsonNode job : client.jobs(service.url())) {
            assertThat(job.path("status").asText()).isEqualTo("SUCCESS");
            assertThat(job.path("succeeded_requests").asInt()).isEqualTo(ROWS);
            for (String line : client.lines(service.url(), job.path("output_file").asText())) {
              ids.add(LocalRun.JSON.readTree(line).path("custom_id").asText());
            }
          }
          assertThat(ids).hasSize(JOBS_OF_EACH * ROWS);
        }
        long sentAgain = endpoint.statistics().received() - 2L * JOBS_OF_EACH * ROWS;
        System.out.printf("executor of the service killed: %d requests sent again%n", sentAgain);
        assertThat(sentAgain).isBetween(0L, (long) IN_FLIGHT + ANSWERED);
      }
    }
  }

  /** Whether one of the caller's jobs has had some of its answers. */
  private static boolean isAtWork(ServiceClient client, ShippedService service) {
    return client.count(service.url(), job -> job.path("completed_requests").asInt() > 20) > 0;
  }
}
