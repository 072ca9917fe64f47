package io.batchinfer.cli;

import io.batchinfer.simulator.Charge;
import io.batchinfer.simulator.PromptCacheKind;
import io.batchinfer.simulator.ProviderStyle;
import io.batchinfer.simulator.RetryAfterForm;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Runs the simulated endpoint until it is interrupted. */
@Command(
    name = "simulate",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Runs an endpoint that answers like OpenAI's and Mistral's, without any model behind it.",
      "The same request and seed always get the same answer. Prints its URL when it is ready and"
          + " runs until it is interrupted. GET /simulator/statistics says what it has seen."
    })
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class SimulateCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--host",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "Address to listen on (default: ${DEFAULT-VALUE}).")
  private String host;

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "8089",
      description = "Port to listen on, 0 for any free one (default: ${DEFAULT-VALUE}).")
  private int port;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Changes all answers and all faults by rate (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--event-loops",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads that serve connections (default: ${DEFAULT-VALUE}).")
  private int eventLoops;

  @Option(
      names = "--slots",
      paramLabel = "N",
      defaultValue = "0",
      description = "Requests worked on at once, 0 for no limit (default: ${DEFAULT-VALUE}).")
  private int slots;

  @Option(
      names = "--queue",
      paramLabel = "N",
      description = "Requests that may wait for a slot; one more gets 503 (default: no limit).")
  private Optional<Integer> queue;

  @Option(
      names = "--ttft",
      paramLabel = "DURATION",
      defaultValue = "0",
      converter = SimulateValues.DurationConverter.class,
      description = "Time to the first token, for example 200ms (default: ${DEFAULT-VALUE}).")
  private Duration timeToFirstToken;

  @Option(
      names = "--per-token",
      paramLabel = "DURATION",
      defaultValue = "0",
      converter = SimulateValues.DurationConverter.class,
      description = "Further time per token, for example 5ms (default: ${DEFAULT-VALUE}).")
  private Duration perToken;

  @Option(
      names = "--per-prompt-token",
      paramLabel = "DURATION",
      defaultValue = "0",
      converter = SimulateValues.DurationConverter.class,
      description = {
        "Further time per token of the prompt that no cache has, for example 0.1ms"
            + " (default: ${DEFAULT-VALUE})."
      })
  private Duration perPromptToken;

  @Option(
      names = "--prompt-cache",
      paramLabel = "KIND",
      defaultValue = "none",
      converter = SimulateValues.PromptCacheConverter.class,
      description = {
        "What it keeps of prompts: none, shared (one cache for all requests, in blocks of 16"
            + " tokens, as vLLM and SGLang), or slots (the last prompt of each of the --slots, as"
            + " llama.cpp) (default: ${DEFAULT-VALUE})."
      })
  private PromptCacheKind promptCache;

  @Option(
      names = "--prompt-cache-tokens",
      paramLabel = "N",
      defaultValue = "0",
      description = {
        "Room of the prompt cache in tokens; of slots 0 where each has room for any prompt"
            + " (default: ${DEFAULT-VALUE})."
      })
  private int promptCacheTokens;

  @Option(
      names = "--requests-per-minute",
      paramLabel = "N",
      defaultValue = "0",
      description = "Requests admitted per minute, 0 for no limit (default: ${DEFAULT-VALUE}).")
  private long requestsPerMinute;

  @Option(
      names = "--tokens-per-minute",
      paramLabel = "N",
      defaultValue = "0",
      description = "Tokens admitted per minute, 0 for no limit (default: ${DEFAULT-VALUE}).")
  private long tokensPerMinute;

  @Option(
      names = "--window",
      paramLabel = "DURATION",
      defaultValue = "60s",
      converter = SimulateValues.DurationConverter.class,
      description = {
        "Length of the fixed windows in which the limits are counted (default: ${DEFAULT-VALUE})."
      })
  private Duration window;

  @Option(
      names = "--charge",
      paramLabel = "WHEN",
      defaultValue = "admission",
      converter = SimulateValues.ChargeConverter.class,
      description = {
        "When a request counts against the limits: admission (with the most tokens it may use)"
            + " or completion (with what it used) (default: ${DEFAULT-VALUE})."
      })
  private Charge charge;

  @Option(
      names = "--style",
      paramLabel = "PROVIDER",
      defaultValue = "openai",
      converter = SimulateValues.StyleConverter.class,
      description = "Limit headers and errors as of openai or mistral (default: ${DEFAULT-VALUE}).")
  private ProviderStyle style;

  @Option(
      names = "--retry-after",
      paramLabel = "FORM",
      defaultValue = "seconds",
      converter = SimulateValues.RetryAfterConverter.class,
      description = {
        "How a 429 says when to come back: seconds, http-date, milliseconds (retry-after-ms) or"
            + " none (default: ${DEFAULT-VALUE})."
      })
  private RetryAfterForm retryAfter;

  @Option(
      names = "--fault",
      paramLabel = "NAME=RATE",
      converter = SimulateValues.FaultConverter.class,
      description = {
        "Share of requests that a fault hits, for example http_503=0.01; repeatable. A request can"
            + " ask for one itself: [[fault:http_503]] or [[fault:http_503*2]] in its text.",
        "Names: ${COMPLETION-CANDIDATES}."
      },
      completionCandidates = SimulateValues.FaultNames.class)
  private List<SimulateValues.FaultRate> faults = List.of();

  @Option(
      names = "--api-key-env",
      paramLabel = "NAME",
      description = "Environment variable with the only key accepted (default: any key, or none).")
  private Optional<String> apiKeyVariable;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      description = "A model served, others get 404; repeatable (default: any model).")
  private List<String> models = List.of();

  @Option(
      names = "--echo",
      description = {
        "Answers with the last message of the request, whole, whatever form or length it asks for:"
            + " shows what a model is given."
      })
  private boolean echo;

  @Option(
      names = "--request-log",
      paramLabel = "FILE",
      description = "Appends one line of JSON per request to this file.")
  private Optional<Path> requestLog;

  private final Map<String, String> environment;
  private final CountDownLatch interrupted = new CountDownLatch(1);

  SimulateCommand() {
    this(System.getenv());
  }

  SimulateCommand(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    try (SimulatedEndpoint endpoint = SimulatedEndpoint.start(settings())) {
      out.println(endpoint.baseUrl());
      out.flush();
      Thread flushing = new Thread(endpoint::flushRequestLog, "simulate-interrupted");
      Runtime.getRuntime().addShutdownHook(flushing);
      interrupted.await();
      Runtime.getRuntime().removeShutdownHook(flushing);
      return 0;
    } catch (UncheckedIOException e) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(e.getMessage());
      err.flush();
      return 1;
    }
  }

  /** Lets {@link #call} return. */
  void stop() {
    interrupted.countDown();
  }

  private SimulatorSettings settings() {
    try {
      SimulatorSettings.Builder settings =
          SimulatorSettings.builder()
              .host(host)
              .port(port)
              .eventLoops(eventLoops)
              .seed(seed)
              .slots(slots)
              .timeToFirstToken(timeToFirstToken)
              .perToken(perToken)
              .perPromptToken(perPromptToken)
              .promptCache(promptCache, promptCacheTokens)
              .requestsPerMinute(requestsPerMinute)
              .tokensPerMinute(tokensPerMinute)
              .window(window)
              .charge(charge)
              .style(style)
              .retryAfterForm(retryAfter)
              .models(models)
              .echo(echo);
      queue.ifPresent(settings::queueLimit);
      apiKeyVariable.ifPresent(name -> settings.requiredApiKey(key(name)));
      requestLog.ifPresent(settings::requestLog);
      for (SimulateValues.FaultRate fault : faults) {
        settings.fault(fault.fault(), fault.rate());
      }
      return settings.build();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private String key(String variable) {
    String key = environment.get(variable);
    if (key == null || key.isEmpty()) {
      throw new IllegalArgumentException(
          "Variable \"%s\" named by --api-key-env is not set. Set it to the key to accept."
              .formatted(variable));
    }
    return key;
  }
}
