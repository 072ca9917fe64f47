package io.batchinfer.integration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.simulator.SimulatedEndpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** {@code run} as a user gives it, in this process and on the Spark context that is there. */
record LocalRun(Path input, Path output, String baseUrl) {
  static final ObjectMapper JSON = new ObjectMapper();

  static LocalRun of(Path input, Path output, SimulatedEndpoint endpoint) {
    return new LocalRun(input, output, endpoint.baseUrl().toString());
  }

  CommandLineRun with(String... more) {
    return heard(said -> {}, more);
  }

  /**
   * As {@link #with}.
   *
   * @param whileItRuns hears all that was said on stderr whenever more is said
   */
  CommandLineRun heard(Consumer<String> whileItRuns, String... more) {
    List<String> words = new ArrayList<>(List.of("run", "--input", input.toString()));
    words.addAll(List.of("--output", output.toString(), "--base-url", baseUrl));
    words.addAll(Arrays.asList(more));
    return CommandLineRun.heard(whileItRuns, words.toArray(String[]::new));
  }

  Path results() {
    return output.resolve("results");
  }

  Path errors() {
    return output.resolve("errors");
  }

  /** What {@code job.json} says. */
  JsonNode record() {
    try {
      return JSON.readTree(Files.readAllBytes(output.resolve("job.json")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Hands on every row of {@code results/} or {@code errors/}, in the order of the parts. */
  static void forEachRow(Path folder, Consumer<JsonNode> row) {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        try (BufferedReader lines = Files.newBufferedReader(file)) {
          for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            row.accept(JSON.readTree(line));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static List<JsonNode> rows(Path folder) {
    List<JsonNode> rows = new ArrayList<>();
    forEachRow(folder, rows::add);
    return rows;
  }
}
