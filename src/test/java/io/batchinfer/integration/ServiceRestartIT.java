package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.HdfsCluster;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A service that is killed, and the one that goes on with its jobs. */
class ServiceRestartIT {
  private static final int JOBS = 8;
  private static final int RUNNING = 3;
  private static final int ROWS = 200;
  private static final int IN_FLIGHT = 16;

  /** Answers of one flush interval and as much again, at the endpoint's full rate. */
  private static final int ANSWERED = 40;

  private static final List<String> OPTIONS =
      List.of(
          "--concurrency",
          "" + IN_FLIGHT,
          "--max-running-jobs",
          "" + RUNNING,
          "--max-running-jobs-per-workspace",
          "" + RUNNING);

  @TempDir Path directory;

  @Test
  void aKilledServicesJobsAllEndUnderTheNextOne() throws IOException, InterruptedException {
    killAndGoOn(directory.resolve("store").toString());
  }

  @Test
  void theyDoSoOnHdfs() throws IOException, InterruptedException {
    try (HdfsCluster hdfs = HdfsCluster.start(directory.resolve("hdfs"))) {
      killAndGoOn(hdfs.folder("store"));
    }
  }

  private void killAndGoOn(String store) throws IOException, InterruptedException {
    Path product = ShippedService.unpack(directory);
    SimulatorSettings settings =
        SimulatorSettings.defaults().toBuilder()
            .slots(IN_FLIGHT)
            .timeToFirstToken(Duration.ofMillis(200))
            .build();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings)) {
      Path folder = directory.resolve("service");
      List<String> options = new ArrayList<>(OPTIONS);
      options.addAll(List.of("--base-url", endpoint.baseUrl().toString()));
      ServiceClient client;
      try (ShippedService first =
          ShippedService.start(product, folder, store, List.of("team"), options)) {
        client = new ServiceClient(first.key("team"));
        for (int i = 0; i < JOBS; i++) {
          client.create(first.url(), "job" + i, ROWS);
        }
        Eventually.await(
            "three jobs are at work",
            LONG_ENOUGH,
            () ->
                client.count(first.url(), job -> job.path("completed_requests").asInt() > 0)
                    == RUNNING,
            first::log);
        assertThat(client.count(first.url(), job -> job.path("status").asText().equals("QUEUED")))
            .isEqualTo(JOBS - RUNNING);
        first.kill();
      }
      try (ShippedService second =
          ShippedService.start(product, folder, store, List.of(), options)) {
        Eventually.await(
            "all jobs are over",
            LONG_ENOUGH,
            () ->
                client.count(second.url(), job -> job.path("status").asText().equals("SUCCESS"))
                    == JOBS,
            second::log);
        Set<String> ids = new HashSet<>();
        for (JsonNode job : client.jobs(second.url())) {
          assertThat(job.path("total_requests").asInt()).isEqualTo(ROWS);
          assertThat(job.path("succeeded_requests").asInt()).isEqualTo(ROWS);
          assertThat(job.path("failed_requests").asInt()).isZero();
          List<String> lines = client.lines(second.url(), job.path("output_file").asText());
          assertThat(lines).hasSize(ROWS);
          for (String line : lines) {
            ids.add(LocalRun.JSON.readTree(line).path("custom_id").asText());
          }
        }
        assertThat(ids).hasSize(JOBS * ROWS);
        long sentAgain = endpoint.statistics().received() - (long) JOBS * ROWS;
        System.out.printf("service killed with %d jobs: %d requests sent again%n", JOBS, sentAgain);
        assertThat(sentAgain).isBetween(0L, (long) IN_FLIGHT + ANSWERED);
      }
    }
  }
}
