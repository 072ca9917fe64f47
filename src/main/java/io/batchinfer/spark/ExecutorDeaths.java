package io.batchinfer.spark;

import io.batchinfer.engine.lead.Death;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.apache.spark.SparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Learns which executors are certain to have ended: those whose end the cluster manager has seen.
 * One that is merely lost may be cut off and still sending.
 */
final class ExecutorDeaths extends SparkListener implements AutoCloseable {
  /**
   * How Standalone, Kubernetes and YARN report an exit code; YARN's negative ones mean a lost node.
   * Of a container that its node killed for its memory, YARN tells no exit code.
   */
  private static final Pattern ENDED =
      Pattern.compile(
          "(?i)\\b(?:exited with (?:exit )?code|exit status:?) \\d"
              + "|killed by YARN for exceeding (?:virtual|physical) memory limits");

  private final SparkContext context;
  private final BiConsumer<String, Death> gone;
  private final Consumer<String> ended;
  private final Consumer<Throwable> broke;

  /**
   * @param gone is told the ids of all executors that are gone, and what their end says
   * @param ended is then told the ids of those that are certain to have ended
   * @param broke is told what those two throw
   */
  ExecutorDeaths(
      SparkContext context,
      BiConsumer<String, Death> gone,
      Consumer<String> ended,
      Consumer<Throwable> broke) {
    this.broke = broke;
    this.context = context;
    this.gone = gone;
    this.ended = ended;
    context.addSparkListener(this);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved removed) {
    try {
      gone.accept(removed.executorId(), Death.ofReason(removed.reason()));
      if (isCertain(removed.reason())) {
        ended.accept(removed.executorId());
      }
    } catch (Throwable thrown) {
      // Spark's bus would only log it.
      broke.accept(thrown);
    }
  }

  static boolean isCertain(String reason) {
    return ENDED.matcher(reason).find();
  }

  @Override
  public void close() {
    context.removeSparkListener(this);
  }
}
