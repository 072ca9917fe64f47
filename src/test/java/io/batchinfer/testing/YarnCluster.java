package io.batchinfer.testing;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;

import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;

/**
 * A real YARN and HDFS on this machine, in a JVM of their own. Closing kills it with all of its
 * containers.
 */
public final class YarnCluster implements AutoCloseable {

  private final ForkedProcess process;
  private final Path folder;

  private YarnCluster(ForkedProcess process, Path folder) {
    this.process = process;
    this.folder = folder;
  }

  /**
   * Starts one and returns when it takes applications.
   *
   * @param folder for its own files
   */
  @SuppressWarnings("MustBeClosedChecker")
  public static YarnCluster start(Path folder) {
    ForkedProcess process =
        ForkedProcess.command(
                "bash",
                "-c",
                // Its standard input ends with this test.
                "exec \"$0\" \"$@\" < <(while kill -0 $PPID; do sleep 1; done)",
                BuiltProduct.java().toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                "-cp",
                BuiltProduct.hadoop() + "/*:" + testClasses(),
                HadoopOnThisMachine.class.getName(),
                folder.toString())
            .with("JAVA_HOME", System.getProperty("java.home"))
            .start();
    YarnCluster cluster = new YarnCluster(process, folder);
    Eventually.await("YARN takes applications", LONG_ENOUGH, cluster::isReady, process::stderr);
    return cluster;
  }

  private static Path testClasses() {
    return Path.of(YarnCluster.class.getProtectionDomain().getCodeSource().getLocation().getPath());
  }

  private boolean isReady() {
    if (!process.isAlive()) {
      Finished ended = process.waitFor(LONG_ENOUGH);
      throw new AssertionError("Hadoop ended: " + ended);
    }
    return Files.exists(folder.resolve(HadoopOnThisMachine.READY));
  }

  /** What {@code HADOOP_CONF_DIR} names. */
  public Path configurationFolder() {
    return folder.resolve("conf");
  }

  /** Its HDFS; the caller closes it. */
  public FileSystem files() {
    Configuration configuration = new Configuration();
    configuration.addResource(
        new org.apache.hadoop.fs.Path(configurationFolder().resolve("core-site.xml").toUri()));
    try {
      return FileSystem.newInstance(configuration);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Executor JVMs that run now. */
  public List<ProcessHandle> executors() {
    return containers("org.apache.spark.executor.YarnCoarseGrainedExecutorBackend");
  }

  /** Drivers that run now in an application master, as in cluster mode. */
  public List<ProcessHandle> drivers() {
    return containers("org.apache.spark.deploy.yarn.ApplicationMaster");
  }

  private List<ProcessHandle> containers(String mainClass) {
    return process
        .handle()
        .descendants()
        .filter(
            handle ->
                handle
                    .info()
                    .arguments()
                    .map(words -> Arrays.asList(words).contains(mainClass))
                    .orElse(false))
        .toList();
  }

  /** The command lines of all containers' processes that run now. */
  public String commandLines() {
    List<String> lines = new ArrayList<>();
    process.handle().descendants().forEach(h -> lines.add(h.info().commandLine().orElse("")));
    return String.join("\n", lines);
  }

  /** What all containers have written to their logs so far. */
  public String containerLogs() {
    StringBuilder text = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder.resolve("yarn"))) {
      for (Path file :
          files
              .filter(Files::isRegularFile)
              .filter(path -> path.toString().contains("-logDir-"))
              .sorted()
              .toList()) {
        text.append("--- ").append(file).append('\n');
        text.append(new String(Files.readAllBytes(file), StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  @Override
  public void close() {
    process.close();
  }
}
