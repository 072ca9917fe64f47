package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private final OptionLayers layers;
  private final Map<Option<?>, ResolvedOptions.Value> values = new HashMap<>();
  private final Map<Option<?>, Integer> layerOf = new HashMap<>();

  private OptionSources(Builder given) {
    this.given = given;
    this.layers = OptionLayers.read(given, problems);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Collects the sources; any may be absent. */
  public static final class Builder {
    Map<String, List<String>> flags = Map.of();
    Map<String, String> environment = Map.of();
    Map<String, String> sparkConf = Map.of();
    @Nullable String fileName;
    List<String> fileLines = List.of();
    @Nullable ProviderProfile profile;
    @Nullable Path confFolder;
    boolean profiles = true;

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
    return new ResolvedOptions(values, layers.profile());
  }

  static String report(List<String> problems) {
    return problems.size() == 1
        ? problems.get(0)
        : problems.size() + " problems with the options:\n- " + String.join("\n- ", problems);
  }

  /** How messages name a line of a file. */
  static String source(ConfigLine line) {
    return line.key() + " (" + line.place() + ")";
  }

  private void read(Option<?> option) {
    for (int i = 0; i < layers.count(); i++) {
      OptionLayers.Given found = layers.get(i, option);
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
    return layerOf.getOrDefault(option, layers.count());
  }

  private String source(Option<?> option) {
    ResolvedOptions.Value value = values.get(option);
    return value == null ? option.flag() : value.source();
  }

  /** A profile only proposes where the key may be, and never for the simulated endpoint. */
  private void dropUnusableProfileKey() {
    ResolvedOptions.Value variable = values.get(KeyOptions.API_KEY_ENV);
    if (variable == null || layer(KeyOptions.API_KEY_ENV) < layers.count() - 1) {
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
