package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unpacked tarball on a machine without Maven and, where the system lets a test make an empty
 * network namespace, without a network.
 */
class TarballIT {
  private static final List<String> WITHOUT_NETWORK =
      List.of("unshare", "-rn", "sh", "-c", "ip link set lo up && exec \"$@\"", "sh");

  @TempDir Path directory;
  private Path unpacked = Path.of("");

  @BeforeEach
  void unpack() {
    Finished finished =
        ForkedProcess.command(
                "tar", "-xzf", BuiltProduct.tarball().toString(), "-C", directory.toString())
            .run(LONG_ENOUGH);
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    unpacked = directory.resolve("batchinfer-" + BuiltProduct.version());
  }

  @Test
  void holdsOneFolderWithAllThatAUserNeeds() throws IOException {
    try (Stream<Path> top = Files.list(directory)) {
      assertThat(top).containsExactly(unpacked);
    }
    assertThat(unpacked.resolve("batchinfer-job.jar"))
        .hasSameBinaryContentAs(BuiltProduct.jobJar());
    assertThat(unpacked.resolve("LICENSE")).isRegularFile();
    assertThat(unpacked.resolve("conf/log4j2.properties")).isRegularFile();
    assertThat(unpacked.resolve("scripts/batchinfer")).isExecutable();
  }

  @Test
  void tellsItsVersionWithoutSparkMavenAndNetwork() throws IOException {
    Finished finished = batchinfer(directory.resolve("no-spark"), "--version");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(finished.stdout()).contains(BuiltProduct.version());
  }

  @Test
  void explainsACommandWithoutSparkMavenAndNetwork() throws IOException {
    Finished finished = batchinfer(directory.resolve("no-spark"), "simulate", "--help");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(finished.stdout()).contains("simulate");
  }

  @Test
  void readsFilesThroughAnInstalledSparkWithoutMavenAndNetwork() throws IOException {
    Finished finished = batchinfer(BuiltProduct.sparkHome(), "status", "--help");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
  }

  @Test
  void runsABatchAgainstTheSimulatedEndpointWithoutMavenAndNetwork() throws IOException {
    Path input =
        Files.writeString(directory.resolve("requests.jsonl"), request("a") + request("b"));
    Path output = directory.resolve("output");

    Finished finished =
        batchinfer(
            BuiltProduct.sparkHome(),
            "run",
            "--simulate",
            "--input",
            input.toString(),
            "--output",
            output.toString());

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(output.resolve("_SUCCESS")).exists();
    assertThat(Files.readAllLines(output.resolve("results/part-00000.jsonl")))
        .as("%s", finished)
        .hasSize(2)
        .satisfiesExactly(
            line -> assertThat(line).contains("\"custom_id\":\"a\""),
            line -> assertThat(line).contains("\"custom_id\":\"b\""));
  }

  private static String request(String customId) {
    return """
        {"custom_id":"%s","method":"POST","url":"/v1/chat/completions","body":{"model":"simulated","messages":[{"role":"user","content":"Hello"}]}}
        """
        .formatted(customId);
  }

  private Finished batchinfer(Path sparkHome, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    if (ForkedProcess.command(concat(WITHOUT_NETWORK, "true")).run(LONG_ENOUGH).exitCode() == 0) {
      words.addAll(WITHOUT_NETWORK);
    }
    words.add(unpacked.resolve("scripts/batchinfer").toString());
    words.addAll(List.of(arguments));
    return ForkedProcess.command(words)
        .with("SPARK_HOME", sparkHome.toString())
        .with("JAVA_HOME", System.getProperty("java.home"))
        .with("PATH", toolsWithoutMaven().toString())
        .run(LONG_ENOUGH);
  }

  private Path toolsWithoutMaven() throws IOException {
    return SystemTools.only(
        directory.resolve("tools"),
        List.of("bash", "sh", "dirname", "readlink", "sed", "find", "unshare", "ip"));
  }

  private static List<String> concat(List<String> words, String last) {
    return Stream.concat(words.stream(), Stream.of(last)).toList();
  }
}
