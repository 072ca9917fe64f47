package io.batchinfer.spark;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Whether the Spark at hand is one that can run a job, and what to say where it is not. Links to
 * nothing of Spark, of which a part may be absent.
 */
public final class SparkAtHand {
  private static final String DATABRICKS = "DATABRICKS_RUNTIME_VERSION";

  /** How Databricks' runtime calls itself where user code is a client of Spark Connect. */
  private static final String SERVERLESS_RUNTIME = "client.";

  private static final Set<String> STANDARD_MODES =
      Set.of("USER_ISOLATION", "DATA_SECURITY_MODE_STANDARD");
  private static final Set<String> MODE_PROPERTIES =
      Set.of(
          "spark.databricks.clusterUsageTags.clusterDataSecurityMode",
          "spark.databricks.clusterUsageTags.dataSecurityMode");

  /** Classes that Spark 4 has, and that a client of Spark Connect and Spark 3 lack. */
  private static final Set<String> NEEDED =
      Set.of(
          "org.apache.spark.sql.classic.SparkSession",
          "org.apache.spark.api.java.JavaSparkContext");

  private static final String SERVERLESS =
      "Databricks' serverless compute gives no Spark context, which batchinfer needs: run the job on a cluster whose access mode is dedicated, with runtime 17.3 or newer.";

  private static final String STANDARD =
      "Databricks' standard access mode gives no Spark context, which batchinfer needs: set the cluster's access mode to dedicated (data_security_mode: DATA_SECURITY_MODE_DEDICATED).";

  private static final String CONNECT =
      "A client of Spark Connect has no Spark context, which batchinfer needs: give the job jar to the server with --jars and write to format(\"batchinfer\") from here, or submit to the cluster itself with --master.";

  private static final String JAVA =
      "Java %d is too new for the Hadoop of this Spark, which needs Java 23 or older: point JAVA_HOME at Java 17 or 21, or SPARK_HOME at Spark 4.2.";

  private final Map<String, String> environment;
  private final Predicate<String> classes;

  /**
   * @param environment of this process
   * @param classes whether there is a class of that name
   */
  SparkAtHand(Map<String, String> environment, Predicate<String> classes) {
    this.environment = environment;
    this.classes = classes;
  }

  /** The Spark that this process has. */
  public static SparkAtHand here() {
    return new SparkAtHand(System.getenv(), SparkAtHand::isPresent);
  }

  private static boolean isPresent(String name) {
    try {
      Class.forName(name, false, SparkAtHand.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException | LinkageError e) {
      // One that cannot be linked is as good as absent.
      return false;
    }
  }

  /** Whether Databricks started this JVM, whose context is shared and which must not be ended. */
  public boolean isDatabricks() {
    return environment.containsKey(DATABRICKS);
  }

  /**
   * Refuses a place that its settings tell.
   *
   * @param property Spark's properties by name
   * @throws BatchException with {@link ErrorCode#UNSUPPORTED_SPARK}
   */
  public void check(Function<String, @Nullable String> property) {
    if (isServerless()) {
      throw refused(SERVERLESS);
    }
    if (isDatabricks()
        && MODE_PROPERTIES.stream()
            .map(property)
            .anyMatch(mode -> mode != null && STANDARD_MODES.contains(mode))) {
      throw refused(STANDARD);
    }
  }

  private boolean isServerless() {
    String runtime = environment.getOrDefault(DATABRICKS, "");
    String flag = environment.getOrDefault("IS_SERVERLESS", "").toLowerCase(Locale.ROOT);
    return runtime.startsWith(SERVERLESS_RUNTIME)
        || (isDatabricks() && (flag.equals("true") || flag.equals("1")));
  }

  /**
   * What a failure means that comes of another Spark than one that can run a job: its classes are
   * absent or others, or its session is a client of Spark Connect.
   *
   * @return words for the user, or empty where the failure is of another kind
   */
  public Optional<BatchException> refusal(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      String message = String.valueOf(cause.getMessage());
      if (message.contains("UNSUPPORTED_CONNECT_FEATURE")) {
        return Optional.of(refused(ofConnect(), thrown));
      }
      if (message.contains("NOT_SUPPORTED_WITH_SERVERLESS")) {
        return Optional.of(refused(SERVERLESS, thrown));
      }
      if (isOfSecurityManager(cause)) {
        return Optional.of(refused(JAVA.formatted(Runtime.version().feature()), thrown));
      }
      if (isOfSpark(cause, message)) {
        return Optional.of(refused(ofClasses(message), thrown));
      }
    }
    return Optional.empty();
  }

  /** Java 24 took away what Hadoop before 3.5 asks who the user is. */
  private static boolean isOfSecurityManager(Throwable cause) {
    StackTraceElement[] calls = cause.getStackTrace();
    return cause instanceof UnsupportedOperationException
        && calls.length > 0
        && calls[0].getClassName().equals("javax.security.auth.Subject");
  }

  private static boolean isOfSpark(Throwable cause, String message) {
    String named = message.replace('/', '.');
    return cause instanceof LinkageError
        && (named.contains("org.apache.spark.")
            || named.contains("org.apache.hadoop.")
            || named.contains("scala."));
  }

  private String ofClasses(String missing) {
    if (NEEDED.stream().allMatch(classes)) {
      return "This Spark is not what batchinfer is made for, Apache Spark 4.0 to 4.2 with Scala 2.13: it lacks %s."
          .formatted(missing);
    }
    if (isServerless()) {
      return SERVERLESS;
    }
    if (classes.test("org.apache.spark.sql.connect.SparkSession")) {
      return ofConnect();
    }
    return classes.test("org.apache.spark.api.java.JavaSparkContext")
        ? "This Spark is too old: batchinfer needs Spark 4.0 or newer, so point SPARK_HOME at a Spark 4 installation."
        : "There is no Spark on the class path: start with scripts/batchinfer, or with spark-submit of Spark 4.";
  }

  private String ofConnect() {
    if (isServerless()) {
      return SERVERLESS;
    }
    return isDatabricks() ? STANDARD : CONNECT;
  }

  private static BatchException refused(String words) {
    return new BatchException(ErrorCode.UNSUPPORTED_SPARK, words);
  }

  private static BatchException refused(String words, Throwable cause) {
    return new BatchException(ErrorCode.UNSUPPORTED_SPARK, words, cause);
  }
}
