package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.FreePort;
import io.batchinfer.testing.SparkCluster;
import io.batchinfer.testing.SparkCluster.DeployMode;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The job jar on a real standalone cluster: one master, two workers with one core each. */
class ClusterRunIT {
  private static final int ROWS = 3_000;
  private static final String KEY = "sk-integration-5e1f0c9a7b3d/abc";

  @TempDir static Path directory;
  private static SparkCluster cluster;
  private static SimulatedEndpoint endpoint;
  private static Path input;

  @BeforeAll
  static void start() throws IOException {
    cluster = SparkCluster.start(2);
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.defaults().toBuilder().requiredApiKey(KEY).build());
    input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 7);
  }

  @AfterAll
  static void stop() {
    cluster.close();
    endpoint.close();
  }

  private static List<String> run(Path output, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "run",
                "--input",
                input.toString(),
                "--output",
                output.toString(),
                "--base-url",
                endpoint.baseUrl().toString(),
                "--split-bytes",
                "64KiB"));
    words.addAll(List.of(more));
    return words;
  }

  private static Finished local(List<String> arguments) {
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.baseDirectory().resolve("scripts/batchinfer").toString());
    words.addAll(arguments);
    words.addAll(List.of("--master", "local[2]"));
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("INFERENCE_KEY", KEY)
        .run(LONG_ENOUGH);
  }

  @Test
  void resultsOfAClusterAreThoseOfOneMachineToTheByteAndInInputOrder() throws IOException {
    Path keyFile = Files.writeString(directory.resolve("key"), KEY);
    Path onOne = directory.resolve("one");
    Path onTwo = directory.resolve("two");
    Path inside = directory.resolve("inside");

    Finished one = local(run(onOne, "--api-key-env", "INFERENCE_KEY"));
    Finished two =
        cluster.submit(
            DeployMode.CLIENT, List.of(), run(onTwo, "--api-key-file", keyFile.toString()));
    Finished three =
        cluster.submit(
            DeployMode.CLUSTER, List.of(), run(inside, "--api-key-file", keyFile.toString()));

    assertThat(one.exitCode()).as("%s", one).isZero();
    assertThat(two.exitCode()).as("%s", two).isZero();
    assertThat(three.exitCode()).as("%s%s", three, cluster.driverErrors()).isZero();
    assertThat(Parts.ids(onOne.resolve("results"))).isEqualTo(Requests.ids(ROWS));
    assertThat(Parts.text(onTwo.resolve("results")))
        .isEqualTo(Parts.text(onOne.resolve("results")));
    assertThat(Parts.text(inside.resolve("results")))
        .isEqualTo(Parts.text(onOne.resolve("results")));
    assertThat(onTwo.resolve("_SUCCESS")).exists();
    assertThat(inside.resolve("_SUCCESS")).exists();
  }

  @Test
  void aKeyIsNowhereButOnTheWireEvenWhenTheEndpointEchoesIt() throws IOException {
    Path place = Files.createDirectory(directory.resolve("secrecy"));
    Path keyFile = Files.writeString(directory.resolve("secret"), KEY);
    Path events = Files.createDirectory(place.resolve("events"));
    List<String> logging =
        List.of(
            "--conf",
            "spark.eventLog.enabled=true",
            "--conf",
            "spark.eventLog.dir=file:" + events,
            "--conf",
            "spark.eventLog.compress=false");
    endpoint.setFault(Fault.ECHO_AUTHORIZATION, 0.5);
    endpoint.setFault(Fault.ECHO_AUTHORIZATION_IN_ERROR, 0.1);
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(100)));
    StringBuilder argumentLists = new StringBuilder();
    StringBuilder pages = new StringBuilder();
    int uiPort = FreePort.at(InetAddress.getLoopbackAddress());
    try {
      for (DeployMode mode : DeployMode.values()) {
        Path output = place.resolve(mode.name());
        try (ForkedProcess submission =
            cluster.startSubmission(
                mode,
                mode == DeployMode.CLIENT ? withUi(logging, uiPort) : logging,
                run(output, "--api-key-file", keyFile.toString(), "--max-failure-rate", "1"))) {
          Eventually.await(
              "the job has begun to send",
              LONG_ENOUGH,
              () -> !submission.isAlive() || !segmentWriters(output).isEmpty(),
              submission::stderr);
          if (mode == DeployMode.CLIENT) {
            pages.append(page(uiPort, "/environment/")).append(page(uiPort, "/jobs/"));
            pages.append(page(uiPort, "/executors/"));
          }
          for (ProcessHandle process : processes(submission)) {
            argumentLists.append(process.info().commandLine().orElse("")).append('\n');
          }
          Finished finished = submission.waitFor(LONG_ENOUGH);
          assertThat(finished.exitCode()).as("%s", finished).isZero();
          Files.writeString(place.resolve(mode + ".out"), finished.stdout() + finished.stderr());
        }
        assertThat(Parts.text(output.resolve("results"))).contains("***");
      }
      Files.writeString(place.resolve("drivers"), cluster.driverOutput() + cluster.driverErrors());
    } finally {
      endpoint.setFault(Fault.ECHO_AUTHORIZATION, 0);
      endpoint.setFault(Fault.ECHO_AUTHORIZATION_IN_ERROR, 0);
      endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
    }

    assertThat(pages.toString()).contains("spark.master").doesNotContain(KEY);
    assertThat(argumentLists.toString()).contains("batchinfer").doesNotContain(KEY);
    assertThat(filesWith(KEY, place)).isEmpty();
    assertThat(filesWith("SparkListenerJobStart", events)).isNotEmpty();
  }

  private static List<String> withUi(List<String> options, int port) {
    List<String> all = new ArrayList<>(options);
    all.addAll(List.of("--conf", "spark.ui.enabled=true", "--conf", "spark.ui.port=" + port));
    return all;
  }

  private static String page(int port, String path) throws IOException {
    try (InputStream in = URI.create("http://127.0.0.1:" + port + path).toURL().openStream()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Names of the processes that have journalled rows so far. */
  private static Set<String> segmentWriters(Path output) {
    Set<String> writers = new TreeSet<>();
    String[] names = output.resolve("_journal/segments").toFile().list();
    for (String name : names == null ? new String[0] : names) {
      writers.add(name.split("-", -1)[1]);
    }
    return writers;
  }

  private static List<ProcessHandle> processes(ForkedProcess submission) {
    List<ProcessHandle> all = new ArrayList<>();
    all.add(submission.handle());
    all.addAll(submission.handle().descendants().toList());
    all.addAll(cluster.executors());
    all.addAll(cluster.drivers());
    return all;
  }

  private static List<Path> filesWith(String text, Path folder) throws IOException {
    byte[] needle = text.getBytes(StandardCharsets.UTF_8);
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        String content = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (content.contains(new String(needle, StandardCharsets.ISO_8859_1))) {
          found.add(file);
        }
      }
    }
    return found;
  }

  @Test
  void aCompressedFileKeepsBothExecutorsBusy() throws IOException {
    Path packed = directory.resolve("requests.jsonl.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(Files.readAllBytes(input));
    }
    Path output = directory.resolve("packed");
    List<String> arguments = run(output, "--api-key-file", keyFile().toString());
    arguments.set(2, packed.toString());
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(100)));

    try (ForkedProcess submission =
        cluster.startSubmission(DeployMode.CLIENT, List.of(), arguments)) {
      Eventually.await(
          "both executors journal rows",
          LONG_ENOUGH,
          () -> segmentWriters(output).size() == 2,
          submission::stderr);
      Finished finished = submission.waitFor(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();
    } finally {
      endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
    }
    assertThat(Parts.ids(output.resolve("results"))).isEqualTo(Requests.ids(ROWS));
  }

  private static Path keyFile() throws IOException {
    return Files.writeString(directory.resolve("key-file"), KEY);
  }
}
