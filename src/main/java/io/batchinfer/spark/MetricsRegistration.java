package io.batchinfer.spark;

import org.apache.spark.SparkEnv;
import org.apache.spark.metrics.MetricsSystem;
import org.apache.spark.metrics.source.Source;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a source into the metrics system of this process, once for each Spark context that it sees.
 * A plug-in of Spark would have to be named before the context starts, and most contexts are there
 * before a run is. Thread-safe.
 */
final class MetricsRegistration {
  private static final Logger LOG = LoggerFactory.getLogger(MetricsRegistration.class);

  private final Source source;
  private @Nullable MetricsSystem registeredAt;
  private boolean refused;

  MetricsRegistration(Source source) {
    this.source = source;
  }

  /** Registers the source where it is not registered yet. A run goes on without it. */
  synchronized void ensure() {
    try {
      MetricsSystem here = SparkEnv.get().metricsSystem();
      if (here != registeredAt) {
        registeredAt = here;
        here.registerSource(source);
      }
    } catch (RuntimeException | LinkageError e) {
      if (!refused) {
        refused = true;
        LOG.warn("The metrics system of this Spark does not take the run's numbers", e);
      }
    }
  }
}
