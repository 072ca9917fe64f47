package io.batchinfer.cli;

import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.spark.SparkContexts;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The simulated endpoint of a run, if it has one. */
record Simulation(@Nullable SimulatedEndpoint endpoint) implements AutoCloseable {
  static Simulation start(boolean wanted, SparkContexts spark) {
    if (!wanted) {
      return new Simulation(null);
    }
    String host =
        spark.context().isLocal()
            ? "127.0.0.1"
            : spark.context().getConf().get("spark.driver.host");
    return new Simulation(
        SimulatedEndpoint.start(
            SimulatorSettings.defaults().toBuilder().host(host).port(0).build()));
  }

  ResolvedOptions applyTo(ResolvedOptions options) {
    return endpoint == null
        ? options
        : options
            .with(Options.BASE_URL, List.of(endpoint.baseUrl().toString()), "--simulate")
            .with(Options.SIMULATE, false, "--simulate");
  }

  @Override
  public void close() {
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
