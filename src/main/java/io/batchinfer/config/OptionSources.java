package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the values of options come from. For {@code --request-timeout}, the first of these that has
 * it wins:
 *
 * <ol>
 *   <li>the flag {@code --request-timeout 10m};
 *   <li>the environment variable {@code BATCHINFER_REQUEST_TIMEOUT};
 *   <li>the Spark property {@code spark.batchinfer.request-timeout};
 *   <li>such a line of the deployment named by {@code --deployment};
 *   <li>the line {@code request-timeout = 10m} of the file named by {@code --config}, else of
 *       {@code conf/batchinfer.conf} where it exists;
 *   <li>the profile named by {@code --provider};
 *   <li>the default of the catalogue.
 * </ol>
 *
 * <p>An empty value counts as not given, except as a flag, where it is an error. A repeatable
 * option takes all values of the first source that has any: repeated flags, repeated keys, or the
 * lines of an environment variable or Spark property; lists of URLs and endpoint paths may use
 * commas there too. Of two options that exclude each other the one from the earlier source wins;
 * both from the same source are an error. Unknown keys of a file, of {@code spark.batchinfer.*} or
 * among the flags are errors; unknown environment variables are not.
 *
 * <p>All problems are found and reported at once.
 */
public final class OptionSources {
  static final String SPARK_PREFIX = "spark.batchinfer.";

  private static final List<List<Option<?>>> EXCLUSIVE =
      List.of(
          List.of(ModelOptions.MODEL_OVERRIDE, ModelOptions.KEEP_LINE_MODELS),
          List.of(KeyOptions.API_KEY_ENV, KeyOptions.API_KEY_FILE),
          List.of(EndpointOptions.SIMULATE, EndpointOptions.BASE_URL),
          List.of(EngineOptions.ENGINE, EndpointOptions.BASE_URL),
          List.of(EngineOptions.ENGINE, EndpointOptions.SIMULATE),
          List.of(RepeatOptions.RERUN, RepeatOptions.RESUME));

  private final Builder given;
  private final List<String> problems = new ArrayList<>();
  private final List<Map<String, Given>> layers = new ArrayList<>();
  private final Map<Option<?>, ResolvedOptions.Value> values = new HashMap<>();
  private final Map<Option<?>, Integer> layerOf = new HashMap<>();
  private @Nullable ProviderProfile profile;

  private OptionSources(Builder given) {
    this.given = given;
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Texts given for one option, and what the user typed to give them. */
  private record Given(List<String> texts, String source) {}

  /** Collects the sources; any may be absent. */
  public static final class Builder {
    private Map<String, List<String>> flags = Map.of();
    private Map<String, String> environment = Map.of();
    private Map<String, String> sparkConf = Map.of();
    private @Nullable String fileName;
    private List<String> fileLines = List.of();
    private @Nullable ProviderProfile profile;
    private @Nullable Path confFolder;
    private boolean profiles = true;

    private Builder() {}

    /** Values by flag name without dashes; a switch holds {@code true}. */
    public Builder flags(Map<String, List<String>> values) {
      flags = Map.copyOf(values);
      return this;
    }

    public Builder environment(Map<String, String> variables) {
      environment = Map.copyOf(variables);
      return this;
    }

    /** The whole Spark configuration; only {@code spark.batchinfer.*} is read. */
    public Builder sparkConf(Map<String, String> properties) {
      sparkConf = Map.copyOf(properties);
      return this;
    }

    /** A configuration file already read; {@code --config} is then not looked at. */
    public Builder file(String name, List<String> lines) {
      fileName = name;
      fileLines = List.copyOf(lines);
      return this;
    }

    /** A profile already loaded; {@code --provider} is then not looked up. */
    public Builder profile(ProviderProfile loaded) {
      profile = loaded;
      return this;
    }

    /**
     * Where {@code batchinfer.conf} and {@code providers/} are, usually {@code conf}. Lets {@link
     * #resolve} read the file of {@code --config}, or the folder's own where there is none.
     */
    public Builder confFolder(Path folder) {
      confFolder = folder;
      return this;
    }

    /** What profiles and deployments say is among the other sources already. */
    Builder withoutProfiles() {
      profiles = false;
      return this;
    }

    /**
     * Reads all sources.
     *
     * @throws BatchException {@link ErrorCode#USAGE} with every problem found
     */
    public ResolvedOptions resolve() {
      return new OptionSources(this).resolve();
    }
  }

  private ResolvedOptions resolve() {
    layers.add(fromFlags());
    layers.add(fromEnvironment());
    layers.add(fromSparkConf());
    Map<String, Given> file = fromFile();
    layers.add(fromDeployment(file));
    layers.add(file);
    layers.add(fromProfile());
    for (Option<?> option : Options.all()) {
      read(option);
    }
    for (List<Option<?>> pair : EXCLUSIVE) {
      exclude(pair.get(0), pair.get(1));
    }
    dropUnusableProfileKey();
    checkModelOverride();
    checkEndpoint();
    if (!problems.isEmpty()) {
      throw new BatchException(ErrorCode.USAGE, report(problems));
    }
    return new ResolvedOptions(values, profile);
  }

  static String report(List<String> problems) {
    return problems.size() == 1
        ? problems.get(0)
        : problems.size() + " problems with the options:\n- " + String.join("\n- ", problems);
  }

  private Map<String, Given> fromFlags() {
    Map<String, Given> layer = new LinkedHashMap<>();
    given.flags.forEach(
        (name, texts) -> {
          if (known(name, "--", "--" + name) && !texts.isEmpty()) {
            layer.put(name, new Given(texts, "--" + name));
          }
        });
    return layer;
  }

  private Map<String, Given> fromEnvironment() {
    Map<String, Given> layer = new LinkedHashMap<>();
    for (Option<?> option : Options.all()) {
      String variable = option.environmentVariable();
      List<String> texts = separated(option, given.environment.getOrDefault(variable, ""));
      if (!texts.isEmpty()) {
        layer.put(option.name(), new Given(texts, variable));
      }
    }
    return layer;
  }

  private Map<String, Given> fromSparkConf() {
    Map<String, Given> layer = new LinkedHashMap<>();
    given.sparkConf.forEach(
        (property, value) -> {
          if (!property.startsWith(SPARK_PREFIX)) {
            return;
          }
          String name = property.substring(SPARK_PREFIX.length());
          if (!known(name, SPARK_PREFIX, property)) {
            return;
          }
          Option<?> option = Options.named(name).orElseThrow();
          if (option.isSecret()) {
            problems.add(
                "Option "
                    + property
                    + " may hold a secret and the Spark configuration is shown to others; set "
                    + option.environmentVariable()
                    + " or the key \""
                    + name
                    + "\" of the configuration file instead.");
            return;
          }
          List<String> texts = separated(option, value);
          if (!texts.isEmpty()) {
            layer.put(name, new Given(texts, property));
          }
        });
    return layer;
  }

  private Map<String, Given> fromFile() {
    if (given.fileName != null) {
      return fromLines(ConfigLine.parse(given.fileName, given.fileLines, problems));
    }
    Path folder = given.confFolder;
    if (folder == null) {
      return Map.of();
    }
    Optional<Given> named = firstGiven(GeneralOptions.CONFIG);
    Path file = named.map(n -> Path.of(n.texts().get(0))).orElse(folder.resolve("batchinfer.conf"));
    if (named.isEmpty() && !Files.exists(file)) {
      return Map.of();
    }
    try {
      return fromLines(ConfigLine.parse(file.toString(), Files.readAllLines(file), problems));
    } catch (IOException e) {
      problems.add(
          "Option "
              + named.map(Given::source).orElse("--config")
              + ": the file \""
              + file
              + "\" cannot be read ("
              + e.getClass().getSimpleName()
              + "); name a readable UTF-8 file.");
      return Map.of();
    }
  }

  private Map<String, Given> fromDeployment(Map<String, Given> file) {
    Optional<Given> named =
        firstGiven(EndpointOptions.DEPLOYMENT)
            .or(() -> Optional.ofNullable(file.get(EndpointOptions.DEPLOYMENT.name())));
    if (named.isEmpty() || !given.profiles) {
      return Map.of();
    }
    String name = named.get().texts().get(0);
    Path folder = given.confFolder;
    Optional<Path> found = folder == null ? Optional.empty() : DeploymentFile.find(folder, name);
    if (found.isEmpty()) {
      problems.add(
          "Option %s: there is no deployment \"%s\"; it is a file deployments/%s.conf of the folder conf."
              .formatted(named.get().source(), name, name));
      return Map.of();
    }
    try {
      Map<String, Given> layer =
          fromLines(
              ConfigLine.parse(found.get().toString(), Files.readAllLines(found.get()), problems));
      if (layer.containsKey(EndpointOptions.DEPLOYMENT.name())) {
        problems.add(
            "Option %s cannot name another deployment; remove it."
                .formatted(layer.get(EndpointOptions.DEPLOYMENT.name()).source()));
      }
      return layer;
    } catch (IOException e) {
      problems.add(
          "Option %s: the file \"%s\" cannot be read (%s); make it readable."
              .formatted(named.get().source(), found.get(), e.getClass().getSimpleName()));
      return Map.of();
    }
  }

  private Map<String, Given> fromLines(List<ConfigLine> lines) {
    Map<String, Given> layer = new LinkedHashMap<>();
    for (ConfigLine line : lines) {
      String source = source(line);
      if (line.key().equals(GeneralOptions.CONFIG.name())) {
        problems.add("Option " + source + " cannot name another file; give --config instead.");
        continue;
      }
      if (!known(line.key(), "", source)) {
        continue;
      }
      Option<?> option = Options.named(line.key()).orElseThrow();
      List<String> texts = separated(option, line.value());
      Given earlier = layer.get(line.key());
      if (texts.isEmpty()) {
        continue;
      }
      if (earlier == null) {
        layer.put(line.key(), new Given(texts, source));
      } else if (option.isRepeatable()) {
        List<String> both = Stream.concat(earlier.texts().stream(), texts.stream()).toList();
        layer.put(line.key(), new Given(both, earlier.source()));
      } else {
        problems.add(
            "Option " + source + " is given twice, first as " + earlier.source() + "; keep one.");
      }
    }
    return layer;
  }

  private Map<String, Given> fromProfile() {
    profile = given.profile;
    Optional<Given> named = firstGiven(EndpointOptions.PROVIDER);
    if (profile == null && named.isPresent() && given.profiles) {
      try {
        profile = ProviderProfile.load(named.get().texts().get(0), given.confFolder);
      } catch (BatchException e) {
        problems.add("Option " + named.get().source() + ": " + e.getMessage());
      }
    }
    return profile == null ? Map.of() : fromLines(profile.optionLines());
  }

  /** How messages name a line of a file. */
  static String source(ConfigLine line) {
    return line.key() + " (" + line.place() + ")";
  }

  private boolean known(String name, String prefix, String asTyped) {
    if (Options.named(name).isPresent()) {
      return true;
    }
    List<String> names = Options.all().stream().map(Option::name).toList();
    String meant =
        Suggestions.nearest(name, names)
            .map(nearest -> " Did you mean \"" + prefix + nearest + "\"?")
            .orElse(" Remove it, or look it up in the list of options.");
    problems.add("Option " + asTyped + " is unknown." + meant);
    return false;
  }

  private static List<String> separated(Option<?> option, String value) {
    if (!option.isRepeatable()) {
      return value.isBlank() ? List.of() : List.of(option.isVerbatim() ? value : value.strip());
    }
    return Stream.of(value.split(option.isCommaSeparated() ? "[\n,]" : "\n", -1))
        .map(String::strip)
        .filter(text -> !text.isEmpty())
        .toList();
  }

  private Optional<Given> firstGiven(Option<?> option) {
    return layers.stream()
        .flatMap(layer -> Optional.ofNullable(layer.get(option.name())).stream())
        .findFirst();
  }

  private void read(Option<?> option) {
    for (int i = 0; i < layers.size(); i++) {
      Given found = layers.get(i).get(option.name());
      if (found == null) {
        continue;
      }
      if (found.texts().size() > 1 && !option.isRepeatable()) {
        problems.add("Option " + found.source() + " is given twice; keep one.");
        return;
      }
      try {
        values.put(option, new ResolvedOptions.Value(option.read(found.texts()), found.source()));
        layerOf.put(option, i);
      } catch (InvalidValue e) {
        problems.add("Option " + found.source() + ": " + e.words() + ".");
      }
      return;
    }
  }

  private void exclude(Option<?> left, Option<?> right) {
    if (!isOn(left) || !isOn(right)) {
      return;
    }
    int order = Integer.compare(layer(left), layer(right));
    if (order == 0) {
      problems.add(
          "Options "
              + source(left)
              + " and "
              + source(right)
              + " exclude each other; give only one of them.");
    } else {
      values.remove(order < 0 ? right : left);
    }
  }

  private boolean isOn(Option<?> option) {
    ResolvedOptions.Value value = values.get(option);
    return value != null && !value.value().equals(false);
  }

  private int layer(Option<?> option) {
    return layerOf.getOrDefault(option, layers.size());
  }

  private String source(Option<?> option) {
    ResolvedOptions.Value value = values.get(option);
    return value == null ? option.flag() : value.source();
  }

  /** A profile only proposes where the key may be, and never for the simulated endpoint. */
  private void dropUnusableProfileKey() {
    ResolvedOptions.Value variable = values.get(KeyOptions.API_KEY_ENV);
    if (variable == null || layer(KeyOptions.API_KEY_ENV) < layers.size() - 1) {
      return;
    }
    boolean unset = given.environment.getOrDefault(variable.value().toString(), "").isBlank();
    if (unset || isOn(EndpointOptions.SIMULATE)) {
      values.remove(KeyOptions.API_KEY_ENV);
    }
  }

  private void checkModelOverride() {
    if (isOn(ModelOptions.MODEL_OVERRIDE) && !values.containsKey(ModelOptions.MODEL)) {
      problems.add(
          "Option "
              + source(ModelOptions.MODEL_OVERRIDE)
              + " has no model to put in; give --model as well.");
    }
  }

  private void checkEndpoint() {
    ResolvedOptions.Value endpoint = values.get(EndpointOptions.ENDPOINT);
    if (endpoint == null || EndpointPaths.KNOWN.contains(endpoint.value().toString())) {
      return;
    }
    ResolvedOptions.Value allowed = values.get(EndpointOptions.ALLOWED_ENDPOINTS);
    if (allowed == null || !((List<?>) allowed.value()).contains(endpoint.value())) {
      problems.add(
          "Option "
              + endpoint.source()
              + ": \""
              + endpoint.value()
              + "\" is not a known endpoint."
              + Suggestions.didYouMean(endpoint.value().toString(), EndpointPaths.KNOWN)
              + " Name it with --allowed-endpoints if the server has it.");
    }
  }
}
