package io.batchinfer.cli;

import io.batchinfer.config.ApiKeys;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.ServiceOptions;
import io.batchinfer.launch.SendingOptions;
import io.batchinfer.launch.Simulation;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.service.ServiceSettings;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.time.SystemTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/** {@code serve}: the HTTP service. */
final class ServeCommand extends OptionCommand {
  private static final int LARGEST_BODY = 64 << 20;

  private static final List<Option<?>> OPTIONS =
      SendingOptions.and(
          ServiceOptions.STORE,
          ServiceOptions.HOST,
          ServiceOptions.PORT,
          ServiceOptions.KEYS_FILE,
          ServiceOptions.TLS_CERTIFICATE,
          ServiceOptions.TLS_KEY,
          ServiceOptions.PUBLIC_URL,
          EngineOptions.ENGINE_IDLE,
          ServiceOptions.MAX_RUNNING_JOBS,
          ServiceOptions.MAX_RUNNING_JOBS_PER_WORKSPACE,
          ServiceOptions.MAX_PENDING_REQUESTS,
          ServiceOptions.MAX_UPLOAD_BYTES,
          ServiceOptions.BATCH_MAX_LINES,
          ServiceOptions.BATCH_MAX_BYTES,
          ServiceOptions.BATCH_MIXED_MODELS,
          ServiceOptions.MAX_CONNECTIONS,
          ServiceOptions.METRICS_BY_WORKSPACE);

  private final CountDownLatch stopping = new CountDownLatch(1);

  ServeCommand() {
    super(
        "serve",
        "Serves Mistral's and OpenAI's batch APIs over HTTP, so that their SDKs work unchanged.",
        OPTIONS);
  }

  @Override
  String details() {
    return "Prints its address when it is ready and runs until it is interrupted; jobs go on with the next start.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer keys create --keys-file keys.json --workspace team-a",
        "batchinfer serve --store data --keys-file keys.json --base-url http://vllm:8000");
  }

  @Override
  int run(ResolvedOptions given, Terminal terminal) throws Exception {
    Map<String, String> environment = System.getenv();
    // Before anything is opened.
    given.require(ServiceOptions.STORE);
    given.require(ServiceOptions.KEYS_FILE);
    ServiceSettings settings = settings(given);
    boolean simulate = given.get(EndpointOptions.SIMULATE);
    if (!simulate) {
      SendingOptions.requireEndpoint(given);
      ApiKeys.read(given, environment);
    }
    try (ServiceHook hook = new ServiceHook(stopping, given.get(RetryOptions.DRAIN_TIMEOUT));
        SystemTime time = new SystemTime("batchinfer-service");
        SparkContexts spark =
            SparkContexts.open(
                environment,
                Map.of("spark.scheduler.mode", "FAIR"),
                ServiceRun.localTasks(given.get(ServiceOptions.MAX_RUNNING_JOBS)));
        Simulation simulation = Simulation.start(simulate, spark.context())) {
      return new ServiceRun(simulation.applyTo(given), settings, spark, time, terminal)
          .untilStopped(stopping);
    }
  }

  private static ServiceSettings settings(ResolvedOptions options) {
    Optional<String> chain = options.find(ServiceOptions.TLS_CERTIFICATE);
    Optional<String> key = options.find(ServiceOptions.TLS_KEY);
    if (chain.isPresent() != key.isPresent()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "HTTPS needs both --tls-certificate and --tls-key; only one of them is given.");
    }
    return new ServiceSettings(
        options.get(ServiceOptions.HOST),
        options.get(ServiceOptions.PORT),
        chain.map(
            file ->
                new ServiceSettings.Certificate(
                    readable(file, ServiceOptions.TLS_CERTIFICATE),
                    readable(key.orElseThrow(), ServiceOptions.TLS_KEY))),
        options.find(ServiceOptions.PUBLIC_URL).map(url -> url.replaceFirst("/+$", "")),
        options.get(ServiceOptions.MAX_PENDING_REQUESTS),
        options.get(ServiceOptions.MAX_UPLOAD_BYTES),
        LARGEST_BODY,
        options.get(ServiceOptions.MAX_CONNECTIONS));
  }

  private static Path readable(String file, Option<?> option) {
    Path path = Path.of(file);
    if (!Files.isReadable(path)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The file \"%s\" of %s cannot be read; name a readable PEM file."
              .formatted(file, option.flag()));
    }
    return path;
  }
}
