package io.batchinfer.integration;

import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code run} of one job on a real cluster, its driver a process of its own. */
record ClusterJob(
    SparkCluster cluster, Path input, Path output, String baseUrl, List<String> more) {

  /** The same command every time. */
  ForkedProcess start() {
    return startWith(List.of());
  }

  ForkedProcess startWith(List<String> sparkOptions, String... further) {
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output.toString(), "--base-url", baseUrl));
    words.addAll(more);
    words.addAll(List.of(further));
    return cluster.startSubmission(DeployMode.CLIENT, sparkOptions, words);
  }

  Path results() {
    return output.resolve("results");
  }

  Path errors() {
    return output.resolve("errors");
  }
}
