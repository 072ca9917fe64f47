package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A real standalone cluster on this machine: a master and workers, every one its own process with
 * its own ports and folders. Closing it kills everything it started.
 *
 * <p>Not for concurrent use, except that processes may be killed while a submission runs.
 */
public final class SparkCluster implements AutoCloseable {
  private static final String WORKER = "org.apache.spark.deploy.worker.Worker";
  private static final String SUBMIT = "org.apache.spark.deploy.SparkSubmit";

  private final Deque<ForkedProcess> processes = new ArrayDeque<>();
  private final Path directory;
  private final String host;
  private final int masterPort;
  private final int webPort;

  private SparkCluster(Path directory, String host, int masterPort, int webPort) {
    this.directory = directory;
    this.host = host;
    this.masterPort = masterPort;
    this.webPort = webPort;
  }

  /** Where the driver of a submission runs. */
  public enum DeployMode {
    CLIENT,
    CLUSTER
  }

  /** Starts a master and so many workers, and returns when all of them are alive. */
  @SuppressWarnings("MustBeClosedChecker")
  public static SparkCluster start(int workers) {
    return startAt("127.0.0.1", workers);
  }

  /** Starts the same at another address of this machine. */
  @SuppressWarnings("MustBeClosedChecker")
  public static SparkCluster startAt(String host, int workers) {
    try {
      SparkCluster cluster =
          new SparkCluster(
              Files.createTempDirectory("spark-cluster"), host, freePort(host), freePort(host));
      try {
        cluster.startProcesses(workers);
      } catch (RuntimeException | Error e) {
        cluster.close();
        throw e;
      }
      return cluster;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void startProcesses(int workers) {
    ForkedProcess master =
        daemon(
            "org.apache.spark.deploy.master.Master",
            List.of(
                "--host", host,
                "--port", Integer.toString(masterPort),
                "--webui-port", Integer.toString(webPort)));
    awaitWorkers(0, master);
    for (int i = 0; i < workers; i++) {
      addWorker();
    }
    awaitWorkers(workers, master);
  }

  /** Starts one more worker without waiting for it. */
  public void addWorker() {
    ForkedProcess unused = daemon(WORKER, worker(host, 1));
  }

  /** Starts one more worker at another address, and returns when the master has heard of it. */
  public void addWorkerAt(String address, int cores) {
    int before = aliveWorkers();
    processes.addLast(start(daemonWords(WORKER, worker(address, cores)), address));
    awaitWorkers(before + 1, processes.getFirst());
  }

  /** Starts one more worker in another network, and returns when the master has heard of it. */
  public void addWorkerIn(SeparateNetwork network) {
    int before = aliveWorkers();
    List<String> words = network.inside(daemonWords(WORKER, worker(network.workerAddress(), 1)));
    processes.addLast(start(words, network.workerAddress()));
    awaitWorkers(before + 1, processes.getFirst());
  }

  private List<String> worker(String address, int cores) {
    Path work = directory.resolve("worker-" + processes.size());
    return List.of(
        "--host",
        address,
        "--cores",
        Integer.toString(cores),
        "--memory",
        "2g",
        "--webui-port",
        "0",
        "-d",
        work.toString(),
        masterUrl());
  }

  /** What {@code --master} takes. */
  public String masterUrl() {
    return "spark://" + host + ":" + masterPort;
  }

  /** Workers the master counts as alive. */
  public int aliveWorkers() {
    return masterState()
        .map(
            state -> {
              int alive = 0;
              for (JsonNode worker : state.path("workers")) {
                if (worker.path("state").asText().equals("ALIVE")) {
                  alive++;
                }
              }
              return alive;
            })
        .orElse(0);
  }

  /** Executor JVMs that run now on this cluster's workers. */
  public List<ProcessHandle> executors() {
    return descendants("org.apache.spark.executor.CoarseGrainedExecutorBackend");
  }

  /** Driver JVMs that run now on this cluster's workers, in cluster mode. */
  public List<ProcessHandle> drivers() {
    return descendants("org.apache.spark.deploy.worker.DriverWrapper");
  }

  private List<ProcessHandle> descendants(String mainClass) {
    return processes.stream()
        .flatMap(process -> process.handle().descendants())
        .filter(
            handle ->
                handle
                    .info()
                    .arguments()
                    .map(arguments -> List.of(arguments).contains(mainClass))
                    .orElse(false))
        .toList();
  }

  /** Standard output of every driver that ran on a worker, in cluster mode. */
  public String driverOutput() {
    return driverFiles("stdout");
  }

  /** Standard error of every driver that ran on a worker, in cluster mode. */
  public String driverErrors() {
    return driverFiles("stderr");
  }

  private String driverFiles(String name) {
    try (Stream<Path> files = Files.walk(directory)) {
      StringBuilder text = new StringBuilder();
      for (Path file :
          files
              .filter(path -> path.toString().matches(".*/driver-[^/]*/" + name))
              .sorted()
              .toList()) {
        text.append(Files.readString(file, StandardCharsets.UTF_8));
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The words of {@code spark-submit}, to which the options and the application are added. */
  public static List<String> submitCommand() {
    List<String> words = new ArrayList<>(jvm(SUBMIT));
    words.addAll(List.of("--conf", "spark.ui.enabled=false", "--executor-memory", "768m"));
    return words;
  }

  /** Submits the product's job jar and waits for the end. */
  public Finished submit(DeployMode mode, List<String> sparkOptions, List<String> arguments) {
    try (ForkedProcess submission = startSubmission(mode, sparkOptions, arguments)) {
      return submission.waitFor(Duration.ofMinutes(4));
    }
  }

  /** Submits the product's job jar; the caller waits for it and closes it. */
  public ForkedProcess startSubmission(
      DeployMode mode, List<String> sparkOptions, List<String> arguments) {
    return startSubmission(
        mode, "io.batchinfer.cli.Main", BuiltProduct.jobJar(), sparkOptions, arguments);
  }

  /** As above in client mode, with variables in the driver's environment. */
  public ForkedProcess startWithVariables(Map<String, String> variables, List<String> arguments) {
    ForkedProcess.Command command =
        inSpark(
            submission(
                DeployMode.CLIENT,
                "io.batchinfer.cli.Main",
                BuiltProduct.jobJar(),
                List.of(),
                arguments),
            host);
    variables.forEach(command::with);
    return command.start();
  }

  /** Submits any jar; the caller waits for it and closes it. */
  public ForkedProcess startSubmission(
      DeployMode mode,
      String mainClass,
      Path jar,
      List<String> sparkOptions,
      List<String> arguments) {
    return start(submission(mode, mainClass, jar, sparkOptions, arguments), host);
  }

  private List<String> submission(
      DeployMode mode,
      String mainClass,
      Path jar,
      List<String> sparkOptions,
      List<String> arguments) {
    List<String> words = new ArrayList<>(jvm(SUBMIT));
    words.addAll(List.of("--master", masterUrl()));
    words.addAll(List.of("--deploy-mode", mode == DeployMode.CLIENT ? "client" : "cluster"));
    words.addAll(List.of("--conf", "spark.standalone.submit.waitAppCompletion=true"));
    words.addAll(List.of("--conf", "spark.ui.enabled=false"));
    words.addAll(List.of("--driver-memory", "768m", "--executor-memory", "768m"));
    words.addAll(sparkOptions);
    words.addAll(List.of("--class", mainClass, jar.toAbsolutePath().toString()));
    words.addAll(arguments);
    return words;
  }

  @Override
  public void close() {
    while (!processes.isEmpty()) {
      processes.removeLast().close();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ForkedProcess daemon(String mainClass, List<String> arguments) {
    ForkedProcess process = start(daemonWords(mainClass, arguments), host);
    processes.addLast(process);
    return process;
  }

  private static List<String> daemonWords(String mainClass, List<String> arguments) {
    List<String> words = new ArrayList<>(jvm(mainClass));
    words.add(1, "-Xmx512m");
    words.addAll(arguments);
    return words;
  }

  private ForkedProcess start(List<String> words, String address) {
    return inSpark(words, address).start();
  }

  private ForkedProcess.Command inSpark(List<String> words, String address) {
    return ForkedProcess.command(words)
        .with("SPARK_HOME", BuiltProduct.sparkHome().toString())
        .with("SPARK_SCALA_VERSION", "2.13")
        .with("SPARK_LOCAL_IP", address)
        .without("SPARK_CONF_DIR")
        .in(directory);
  }

  private static List<String> jvm(String mainClass) {
    Path spark = BuiltProduct.sparkHome();
    List<String> words = new ArrayList<>();
    words.add(BuiltProduct.java().toString());
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.addAll(List.of("-cp", spark.resolve("conf") + ":" + spark.resolve("jars") + "/*"));
    words.add(mainClass);
    return words;
  }

  private void awaitWorkers(int workers, ForkedProcess master) {
    Eventually.await(
        "the master is alive with " + workers + " workers",
        LONG_ENOUGH,
        () -> {
          if (!master.isAlive()) {
            throw new AssertionError("The master ended:\n" + master.stderr());
          }
          return masterState().isPresent() && aliveWorkers() >= workers;
        },
        () -> String.join("\n", processes.stream().map(ForkedProcess::stderr).toList()));
  }

  private Optional<JsonNode> masterState() {
    try {
      HttpURLConnection connection =
          (HttpURLConnection)
              new URI("http", null, host, webPort, "/json/", null, null).toURL().openConnection();
      connection.setConnectTimeout(2_000);
      connection.setReadTimeout(5_000);
      try (var in = connection.getInputStream()) {
        JsonNode state = new ObjectMapper().readTree(in);
        return state.path("status").asText().equals("ALIVE")
            ? Optional.of(state)
            : Optional.empty();
      }
    } catch (IOException notYet) {
      return Optional.empty();
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int freePort(String host) throws IOException {
    return FreePort.at(InetAddress.getByName(host));
  }

  @Override
  public String toString() {
    return "SparkCluster" + Map.of("master", masterUrl(), "processes", processes.size());
  }
}
