package io.batchinfer.spark;

import io.batchinfer.engine.run.LocalCluster;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkContext$;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;
import scala.Option;

/**
 * The Spark context of a run: the one that is there already, which is left alone afterwards, or one
 * of our own.
 *
 * @param own whether to stop it at the end
 */
public record SparkContexts(JavaSparkContext context, boolean own) implements AutoCloseable {
  private static final int OLDEST_MAJOR = 4;

  /**
   * Finds or starts a context.
   *
   * @throws BatchException with {@link ErrorCode#UNSUPPORTED_SPARK} where this Spark cannot run the
   *     job
   */
  public static SparkContexts open(Map<String, String> environment) {
    return open(environment, Map.of(), 0);
  }

  /**
   * Finds or starts a context.
   *
   * @param defaults Spark's properties where they are not set otherwise
   * @param localTasks tasks at a time where all is in this process, whatever the master says; 0 to
   *     do as it says
   * @throws BatchException with {@link ErrorCode#UNSUPPORTED_SPARK} where this Spark cannot run the
   *     job
   */
  public static SparkContexts open(
      Map<String, String> environment, Map<String, String> defaults, int localTasks) {
    String version = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    if (Integer.parseInt(version.substring(0, version.indexOf('.'))) < OLDEST_MAJOR) {
      throw new BatchException(
          ErrorCode.UNSUPPORTED_SPARK,
          "Spark %s is too old: batchinfer needs Spark 4.0 or newer. Point SPARK_HOME at a Spark 4 installation."
              .formatted(version));
    }
    SparkAtHand here = SparkAtHand.here();
    if (here.isDatabricks()) {
      // There the context is made for the program, which may neither make nor stop one.
      SparkContext shared = SparkContext.getOrCreate();
      refuseUnsupported(shared);
      return new SparkContexts(JavaSparkContext.fromSparkContext(shared), false);
    }
    Option<SparkContext> active = SparkContext$.MODULE$.getActive();
    if (active.isDefined() && !active.get().isStopped()) {
      refuseUnsupported(active.get());
      return new SparkContexts(JavaSparkContext.fromSparkContext(active.get()), false);
    }
    HadoopOnJava.check();
    SparkConf conf = new SparkConf(true);
    if (conf.contains("spark.remote") || environment.containsKey("SPARK_REMOTE")) {
      throw new BatchException(
          ErrorCode.UNSUPPORTED_SPARK,
          "Spark Connect (spark.remote, SPARK_REMOTE) gives no SparkContext, which batchinfer needs. Submit to the cluster itself with --master.");
    }
    if (conf.get("spark.master", "").equals(LocalCluster.NAME)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "With --master none there is no Spark, which tables and the service need. Leave --master out to have it in this process.");
    }
    defaults.forEach(conf::setIfMissing);
    conf.setIfMissing("spark.app.name", "batchinfer");
    conf.setIfMissing("spark.master", "local[*]");
    if (localTasks > 0 && conf.get("spark.master").startsWith("local[")) {
      conf.set("spark.master", "local[" + localTasks + "]");
    }
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    if (conf.get("spark.master").startsWith("local")) {
      conf.setIfMissing("spark.ui.enabled", "false");
      conf.setIfMissing("spark.driver.host", "127.0.0.1");
      conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
    }
    SparkContexts started;
    try {
      started = new SparkContexts(new JavaSparkContext(conf), true);
    } catch (Exception e) {
      // Scala declares no checked exception, and throws them.
      Optional<BatchException> refusal = here.refusal(e);
      if (refusal.isPresent()) {
        throw refusal.get();
      }
      throw notStarted(conf, words(e), e);
    }
    // A master that nobody answers for ends a context that has begun.
    if (started.isStopped()) {
      throw notStarted(conf, "it gave up, and says why above", null);
    }
    return started;
  }

  private static BatchException notStarted(SparkConf conf, String why, @Nullable Exception cause) {
    String message =
        "Spark does not start with master \"%s\": %s. Check --master and the settings given with --conf; nothing was sent."
            .formatted(conf.get("spark.master"), why);
    return cause == null
        ? new BatchException(ErrorCode.UNSUPPORTED_SPARK, message)
        : new BatchException(ErrorCode.UNSUPPORTED_SPARK, message, cause);
  }

  /**
   * Refuses a place where a job would not come to its end.
   *
   * @throws BatchException with {@link ErrorCode#UNSUPPORTED_SPARK}
   */
  public static void refuseUnsupported(SparkContext context) {
    SparkConf conf = context.getConf();
    SparkAtHand.here().check(name -> conf.get(name, null));
    HadoopOnJava.check();
  }

  /** The first line of the failure and, where that is another one, of what was at its bottom. */
  private static String words(Throwable failure) {
    Throwable bottom = failure;
    while (bottom.getCause() != null) {
      bottom = bottom.getCause();
    }
    String first = firstLine(failure);
    String last = firstLine(bottom);
    return first.contains(last) ? first : first + " (" + last + ")";
  }

  private static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage())
        .lines()
        .findFirst()
        .orElse("")
        .replaceFirst("\\.$", "");
  }

  /** Whether Spark has ended the application. */
  public boolean isStopped() {
    return context.sc().isStopped();
  }

  @Override
  public void close() {
    if (own) {
      context.stop();
    }
  }
}
