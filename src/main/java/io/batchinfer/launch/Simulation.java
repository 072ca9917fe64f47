package io.batchinfer.launch;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;
import org.jspecify.annotations.Nullable;

/** The simulated endpoint of a run, if it has one. */
public record Simulation(@Nullable SimulatedEndpoint endpoint) implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";

  /** Starts one that executors can reach, where it is wanted. */
  public static Simulation start(boolean wanted, JavaSparkContext context) {
    return start(wanted, context.isLocal() ? LOOPBACK : context.getConf().get("spark.driver.host"));
  }

  /** Starts one for tasks in this process, where it is wanted. */
  public static Simulation startHere(boolean wanted) {
    return start(wanted, LOOPBACK);
  }

  private static Simulation start(boolean wanted, String host) {
    if (!wanted) {
      return new Simulation(null);
    }
    return new Simulation(
        SimulatedEndpoint.start(
            SimulatorSettings.defaults().toBuilder().host(host).port(0).build()));
  }

  /** The same options, with its address where there is one. */
  public ResolvedOptions applyTo(ResolvedOptions options) {
    return endpoint == null
        ? options
        : options
            .with(EndpointOptions.BASE_URL, List.of(endpoint.baseUrl().toString()), "--simulate")
            .with(EndpointOptions.SIMULATE, false, "--simulate");
  }

  @Override
  public void close() {
    if (endpoint != null) {
      endpoint.close();
    }
  }
}
