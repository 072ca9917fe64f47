package io.batchinfer.engine.lead;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.KeyOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.EndpointUrls;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import java.util.List;
import java.util.Optional;

/** What the user reads when an endpoint's refusals end a job: what, why, and what to do. */
public final class StopMessages {
  private StopMessages() {}

  /** What is requested for lines that name no other endpoint. */
  private static List<String> urls(ResolvedOptions options) {
    String path =
        options
            .find(EndpointOptions.ENDPOINT)
            .flatMap(EndpointPaths::canonical)
            .orElse(EndpointPaths.CHAT_COMPLETIONS);
    return bases(options).stream().map(base -> EndpointUrls.url(base, path)).toList();
  }

  /** Engines listen at ports of their own. */
  private static List<String> bases(ResolvedOptions options) {
    return options.find(EngineOptions.ENGINE).isPresent()
        ? List.of("http://127.0.0.1/v1")
        : options.get(EndpointOptions.BASE_URL);
  }

  private static String pathHint(List<String> urls, List<String> bases) {
    Optional<String> doubled =
        urls.stream().map(EndpointUrls::doubled).flatMap(Optional::stream).findFirst();
    if (doubled.isPresent()) {
      return ", whose path holds \"" + doubled.get() + "\" twice";
    }
    return bases.stream().map(EndpointUrls::prefix).allMatch(String::isEmpty)
        ? ""
        : ", to whose path the line's is appended without its /v1: it has to end with /v1 if the endpoint's paths hold it";
  }

  /** A job of which every row failed. */
  public static String noSuccess(ResolvedOptions options) {
    List<String> urls = urls(options);
    String message =
        "No row succeeded at \"%s\"; see errors/ for what the endpoint answered."
            .formatted(String.join("\", \"", urls));
    return urls.stream()
        .map(EndpointUrls::doubled)
        .flatMap(Optional::stream)
        .findFirst()
        .map(twice -> message + " The path holds \"" + twice + "\" twice: check --base-url.")
        .orElse(message);
  }

  static End end(StopReason stop, ResolvedOptions options) {
    List<String> urls = urls(options);
    String base = String.join("\", \"", urls);
    // In brackets no sentence ends.
    String said =
        stop.detail().isEmpty() ? "" : " (" + stop.detail().replaceFirst("\\.$", "") + ")";
    String message =
        switch (stop.code()) {
          case AUTHENTICATION_FAILED ->
              keySource(options)
                  .map(
                      place ->
                          "Endpoint \"%s\" does not accept the key%s; the key comes from %s. Nothing more was sent; mend the key and give the same command again."
                              .formatted(base, said, place))
                  .orElseGet(
                      () ->
                          "Endpoint \"%s\" wants a key%s, and none was sent. Say where it is with --api-key-env NAME or --api-key-file FILE, and give the same command again."
                              .formatted(base, said));
          case MODEL_NOT_FOUND ->
              "Endpoint \"%s\" answered 404 to the first requests%s. Check %s and --base-url%s, then give the same command again; another model needs another --output."
                  .formatted(base, said, models(options), pathHint(urls, bases(options)));
          case HOST_UNREACHABLE ->
              "Endpoint \"%s\" cannot be reached%s. Check --base-url, the network and any proxy, then give the same command again."
                  .formatted(base, said);
          case INSUFFICIENT_QUOTA ->
              "The account behind the key has no credit left at \"%s\"%s. Top it up and give the same command again."
                  .formatted(base, said);
          case COOL_DOWN_TOO_LONG ->
              "Endpoint \"%s\" %s, which is longer than %s. Give the same command again later."
                  .formatted(base, stop.detail(), longestWait(options));
          default -> "Stopped: " + stop.code().description() + said;
        };
    JobStatus status =
        stop.code() == ErrorCode.COOL_DOWN_TOO_LONG ? JobStatus.COOLING_DOWN : JobStatus.STOPPED;
    return new End(status, message, stop.code().exitCode());
  }

  /** Where the key comes from; empty where none is sent. */
  private static Optional<String> keySource(ResolvedOptions options) {
    return options
        .find(KeyOptions.API_KEY_FILE)
        .map(file -> "file \"" + file + "\"")
        .or(() -> options.find(KeyOptions.API_KEY_ENV).map(name -> "variable \"" + name + "\""));
  }

  private static String models(ResolvedOptions options) {
    return options
        .find(ModelOptions.MODEL)
        .filter(model -> !options.get(ModelOptions.KEEP_LINE_MODELS))
        .map(model -> "--model (\"" + model + "\")")
        .orElse("the models that the lines name (--model NAME --model-override replaces them)");
  }

  private static String longestWait(ResolvedOptions options) {
    return options
        .find(RetryOptions.WAIT_FOR_ENDPOINT)
        .map(wait -> "--wait-for-endpoint and --max-cool-down allow")
        .orElse("--max-cool-down allows");
  }
}
