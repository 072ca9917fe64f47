package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known about a provider: values for options, and limits and habits of its API. A profile
 * is a file of {@code key = value} lines, {@code conf/providers/NAME.conf} or any other. Immutable.
 */
public final class ProviderProfile {
  /** Profiles that come with the program. */
  public static final List<String> SHIPPED =
      List.of(
          "anthropic",
          "azure",
          "fireworks",
          "gemini",
          "groq",
          "lorax",
          "mistral",
          "openai",
          "openrouter",
          "parasail",
          "predibase",
          "together",
          "vllm");

  private static final Set<String> OWN_SERVERS = Set.of("lorax", "vllm");

  private static final String RESOURCES = "/batchinfer/conf/providers/";

  private final String name;
  private final List<ConfigLine> optionLines;
  private final Map<Option<?>, Object> facts;

  private ProviderProfile(String name, List<ConfigLine> optionLines, Map<Option<?>, Object> facts) {
    this.name = name;
    this.optionLines = List.copyOf(optionLines);
    this.facts = Map.copyOf(facts);
  }

  /**
   * Loads a profile by name, from {@code providers/} of the folder where it has the file and else
   * from the program, or by path: anything with a slash or ending in {@code .conf}.
   *
   * @param confFolder usually {@code conf}; null to look in the program only
   * @throws BatchException {@link ErrorCode#USAGE} if there is none or it holds mistakes
   */
  public static ProviderProfile load(String nameOrPath, @Nullable Path confFolder) {
    if (nameOrPath.contains("/") || nameOrPath.endsWith(".conf")) {
      return ofFile(Path.of(nameOrPath));
    }
    if (confFolder != null) {
      Path file = confFolder.resolve("providers").resolve(nameOrPath + ".conf");
      if (Files.exists(file)) {
        return ofFile(file);
      }
    }
    if (!SHIPPED.contains(nameOrPath)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "There is no provider profile \""
              + nameOrPath
              + "\"."
              + Suggestions.didYouMean(nameOrPath, SHIPPED)
              + " Give one of "
              + String.join(", ", SHIPPED)
              + ", or the path of a profile file.");
    }
    return ofResource(nameOrPath);
  }

  /**
   * Reads a profile from its lines.
   *
   * @param file name of the file for messages
   * @throws BatchException {@link ErrorCode#USAGE} with every mistake in it
   */
  public static ProviderProfile parse(String name, String file, List<String> lines) {
    List<String> problems = new ArrayList<>();
    List<ConfigLine> optionLines = new ArrayList<>();
    Map<String, List<String>> texts = new LinkedHashMap<>();
    Map<String, String> places = new LinkedHashMap<>();
    for (ConfigLine line : ConfigLine.parse(file, lines, problems)) {
      Optional<Option<?>> fact = factNamed(line.key());
      if (line.key().equals(EndpointOptions.PROVIDER.name())) {
        problems.add("A profile (" + line.place() + ") cannot name another provider.");
      } else if (fact.isEmpty() && Options.named(line.key()).isPresent()) {
        optionLines.add(line);
      } else if (fact.isEmpty()) {
        problems.add(
            "Key \""
                + line.key()
                + "\" ("
                + line.place()
                + ") is unknown."
                + Suggestions.didYouMean(line.key(), keys()));
      } else if (!line.value().isEmpty()) {
        places.putIfAbsent(line.key(), line.place());
        List<String> values = texts.computeIfAbsent(line.key(), key -> new ArrayList<>());
        values.addAll(
            fact.get().isRepeatable()
                ? Stream.of(line.value().split(",", -1)).map(String::strip).toList()
                : List.of(line.value()));
      }
    }
    Map<Option<?>, Object> facts = new LinkedHashMap<>();
    for (Option<?> option : ProfileOptions.all()) {
      List<String> given = texts.getOrDefault(option.name(), List.of());
      if (!given.isEmpty()) {
        try {
          facts.put(option, option.read(given));
        } catch (InvalidValue e) {
          problems.add(
              "Key \""
                  + option.name()
                  + "\" ("
                  + places.get(option.name())
                  + "): "
                  + e.words()
                  + ".");
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new BatchException(ErrorCode.USAGE, OptionSources.report(problems));
    }
    return new ProviderProfile(name, optionLines, facts);
  }

  private static ProviderProfile ofFile(Path file) {
    String fileName = String.valueOf(file.getFileName());
    String name = fileName.replaceFirst("\\.conf$", "");
    try {
      return parse(name, file.toString(), Files.readAllLines(file));
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The provider profile \"" + file + "\" cannot be read; name a readable UTF-8 file.",
          e);
    }
  }

  private static ProviderProfile ofResource(String name) {
    String resource = RESOURCES + name + ".conf";
    try (InputStream stream = ProviderProfile.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new BatchException(
            ErrorCode.INTERNAL, "The program lacks its resource " + resource + "; reinstall it.");
      }
      String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
      return parse(name, "providers/" + name + ".conf", text.lines().toList());
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.INTERNAL, "The program cannot read its resource " + resource + ".", e);
    }
  }

  private static Optional<Option<?>> factNamed(String key) {
    for (Option<?> option : ProfileOptions.all()) {
      if (option.name().equals(key)) {
        return Optional.of(option);
      }
    }
    return Optional.empty();
  }

  private static List<String> keys() {
    return Stream.concat(ProfileOptions.all().stream(), Options.all().stream())
        .<String>map(Option::name)
        .toList();
  }

  public String name() {
    return name;
  }

  /** Endpoint paths it serves; empty if that depends on the deployment. */
  public List<String> endpoints() {
    return fact(ProfileOptions.ENDPOINTS).orElse(List.of());
  }

  /** Most lines of one of its batch files. */
  public Optional<Long> maxBatchLines() {
    return fact(ProfileOptions.BATCH_MAX_LINES);
  }

  /** Most bytes of one of its batch files. */
  public Optional<Long> maxBatchBytes() {
    return fact(ProfileOptions.BATCH_MAX_BYTES);
  }

  /** Headers, no secrets, that every request needs unless the user sets them otherwise. */
  public Map<String, String> requestHeaders() {
    return fact(ProfileOptions.REQUEST_HEADER).orElse(Map.of());
  }

  /** Whether it is a server that its user runs, rather than a hosted one. */
  public boolean isOwnServer() {
    return OWN_SERVERS.contains(name);
  }

  /**
   * Whether a request repeated with the same {@code Idempotency-Key} is answered without running it
   * again.
   */
  public boolean honoursIdempotencyKey() {
    return fact(ProfileOptions.IDEMPOTENCY_KEY).orElse(false);
  }

  /** Whether a chat request may say, by {@code prompt_cache_key}, which others it is like. */
  public boolean takesPromptCacheKey() {
    return fact(ProfileOptions.TAKES_CACHE_KEY).orElse(false);
  }

  /** The field of a chat request that limits its completion. */
  public String maxTokensField() {
    return fact(ProfileOptions.MAX_TOKENS_FIELD).orElse("max_tokens");
  }

  /** The variable in which the provider's key usually is; empty where it is not known. */
  public Optional<String> keyVariable() {
    return optionLine(KeyOptions.API_KEY_ENV).map(ConfigLine::value);
  }

  /**
   * Whether the provider answers nobody without a key. A user's own address under the profile may
   * be a proxy that has one.
   *
   * @param options those of the command
   */
  boolean needsKey(ResolvedOptions options) {
    boolean ownAddress =
        optionLine(EndpointOptions.BASE_URL)
            .map(
                line ->
                    !options.source(EndpointOptions.BASE_URL).equals(OptionSources.source(line)))
            .orElse(false);
    return keyVariable().isPresent()
        && !fact(ProfileOptions.KEY_OPTIONAL).orElse(false)
        && !ownAddress;
  }

  private Optional<ConfigLine> optionLine(Option<?> option) {
    return optionLines.stream()
        .filter(line -> line.key().equals(option.name()) && !line.value().isEmpty())
        .findFirst();
  }

  List<ConfigLine> optionLines() {
    return optionLines;
  }

  @SuppressWarnings("unchecked")
  private <T> Optional<T> fact(Option<T> option) {
    return Optional.ofNullable((T) facts.get(option));
  }

  @Override
  public String toString() {
    return "ProviderProfile[" + name + "]";
  }
}
