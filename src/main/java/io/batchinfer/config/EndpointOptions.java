package io.batchinfer.config;

import io.batchinfer.model.EndpointPaths;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where requests go. */
public final class EndpointOptions {
  private static final Declarations OPTIONS = new Declarations(OptionGroup.ENDPOINT);

  public static final Option<List<String>> BASE_URL =
      OPTIONS.add(
          Option.list("base-url", "URL", BaseUrls::normalised).commaSeparated(),
          "Where the endpoint is, as an SDK takes it; without a path, /v1 is meant. Its"
              + " query is sent with every request. Several share the load.");

  public static final Option<String> PROVIDER =
      OPTIONS.add(
          Option.text("provider", "NAME"),
          "Profile of the endpoint's provider: a name such as openai, azure, anthropic,"
              + " mistral or vllm, or the path of a profile file.");

  public static final Option<String> ENDPOINT =
      OPTIONS.add(
          Option.text("endpoint", "PATH", EndpointOptions::endpointPath)
              .defaultsTo(EndpointPaths.CHAT_COMPLETIONS)
              .identity(),
          "Endpoint path of the lines that do not name one.");

  public static final Option<List<String>> ALLOWED_ENDPOINTS =
      OPTIONS.add(
          Option.list("allowed-endpoints", "PATH", EndpointOptions::endpointPath).commaSeparated(),
          "Endpoint paths that lines may name besides the known ones.");

  public static final Option<String> CA_FILE =
      OPTIONS.add(
          Option.text("ca-file", "FILE"),
          "PEM file of certificate authorities to trust instead of Java's own.");

  public static final Option<HttpVersion> HTTP_VERSION =
      OPTIONS.add(
          Option.choice("http-version", HttpVersion.class).defaultsTo(HttpVersion.AUTO),
          "HTTP version: auto uses HTTP/2 where TLS negotiates it, otherwise HTTP/1.1.");

  public static final Option<Boolean> SIMULATE =
      OPTIONS.add(
          Option.flag("simulate"),
          "Starts a simulated endpoint and sends to it; nothing is paid for.");

  public static final Option<String> DEPLOYMENT =
      OPTIONS.add(
          Option.text("deployment", "NAME"),
          "Takes what the file deployments/NAME.conf says, where nothing before it does:"
              + " flags, environment variables, Spark properties.");

  private EndpointOptions() {}

  static List<Option<?>> all() {
    return OPTIONS.all();
  }

  static String endpointPath(String value) throws InvalidValue {
    Optional<String> path =
        value.toLowerCase(Locale.ROOT).startsWith("http")
            ? Optional.empty()
            : EndpointPaths.canonical(value);
    return path.orElseThrow(
        () ->
            InvalidValue.of(
                value, "is not an endpoint path", "give one, such as /v1/chat/completions"));
  }
}
