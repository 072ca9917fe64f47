package io.batchinfer.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Where the build put what it ships; for integration tests, which run after packaging. */
public final class BuiltProduct {
  private BuiltProduct() {}

  /** The one jar that holds everything but Spark. */
  public static Path jobJar() {
    return existing("batchinfer.job.jar");
  }

  /** The top of the source tree; known to unit tests as well. */
  public static Path baseDirectory() {
    return existing("basedir");
  }

  /** A Spark home made from Maven: {@code jars/} and {@code conf/}, no {@code bin/}. */
  public static Path sparkHome() {
    return existing("batchinfer.spark.home");
  }

  /** Version of the Spark in {@link #sparkHome}. */
  public static String sparkVersion() {
    return property("batchinfer.spark.version");
  }

  /** A Spark home that can submit to Kubernetes, too. */
  public static Path kubernetesHome() {
    return existing("batchinfer.kubernetes.home");
  }

  /** A Spark home that has the server of Spark Connect, too. */
  public static Path connectHome() {
    return existing("batchinfer.connect.home");
  }

  /** Version of the Spark in {@link #connectHome}. */
  public static String connectVersion() {
    return property("batchinfer.connect.version");
  }

  /** What a client of Spark Connect needs, in {@code jars/}. */
  public static Path connectClient() {
    return existing("batchinfer.connect.client");
  }

  /** A server of the S3 protocol, as a folder of jars. */
  public static Path s3Server() {
    return existing("batchinfer.s3.server");
  }

  /** HDFS and YARN, as a folder of jars. */
  public static Path hadoop() {
    return existing("batchinfer.hadoop");
  }

  /** A cache folder in which what stores of objects need is there already. */
  public static Path cache() {
    return existing("batchinfer.cache");
  }

  public static Path tarball() {
    return existing("batchinfer.tarball");
  }

  public static String version() {
    return property("batchinfer.version");
  }

  public static Path java() {
    return Path.of(System.getProperty("java.home"), "bin", "java");
  }

  /** The JVM flags that Spark's launcher gives to every JVM it starts. */
  public static List<String> sparkJvmFlags() {
    return List.of(property("batchinfer.spark.jvm.args").trim().split("\\s+"));
  }

  private static Path existing(String property) {
    Path path = Path.of(property(property));
    if (!Files.exists(path)) {
      throw new IllegalStateException(
          "\"" + path + "\" (" + property + ") does not exist. Build it: mvn verify.");
    }
    return path;
  }

  private static String property(String name) {
    String value = System.getProperty(name);
    if (value == null) {
      throw new IllegalStateException(
          "System property \"" + name + "\" is not set. Run integration tests with mvn verify.");
    }
    return value;
  }
}
