package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What every source gives, as texts and by the names of options: the source that wins comes first.
 * Says nothing yet of what the texts mean.
 */
final class OptionLayers {
  private final OptionSources.Builder sources;
  private final List<String> problems;
  private final List<Map<String, Given>> layers = new ArrayList<>();
  private @Nullable ProviderProfile profile;

  private OptionLayers(OptionSources.Builder sources, List<String> problems) {
    this.sources = sources;
    this.problems = problems;
  }

  /** Texts given for one option, and what the user typed to give them. */
  record Given(List<String> texts, String source) {}

  /**
   * Reads all sources.
   *
   * @param problems takes what is wrong with them
   */
  static OptionLayers read(OptionSources.Builder sources, List<String> problems) {
    OptionLayers read = new OptionLayers(sources, problems);
    read.layers.add(read.fromFlags());
    read.layers.add(read.fromEnvironment());
    read.layers.add(read.fromSparkConf());
    Map<String, Given> file = read.fromFile();
    read.layers.add(read.fromDeployment(file));
    read.layers.add(file);
    read.layers.add(read.fromProfile());
    return read;
  }

  int count() {
    return layers.size();
  }

  /** What a source gives for an option, if it gives something. */
  @Nullable Given get(int layer, Option<?> option) {
    return layers.get(layer).get(option.name());
  }

  /** The profile of the provider, if one is named. */
  @Nullable ProviderProfile profile() {
    return profile;
  }

  private Map<String, Given> fromFlags() {
    Map<String, Given> layer = new LinkedHashMap<>();
    sources.flags.forEach(
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
      List<String> texts = separated(option, sources.environment.getOrDefault(variable, ""));
      if (!texts.isEmpty()) {
        layer.put(option.name(), new Given(texts, variable));
      }
    }
    return layer;
  }

  private Map<String, Given> fromSparkConf() {
    Map<String, Given> layer = new LinkedHashMap<>();
    sources.sparkConf.forEach(
        (property, value) -> {
          if (!property.startsWith(OptionSources.SPARK_PREFIX)) {
            return;
          }
          String name = property.substring(OptionSources.SPARK_PREFIX.length());
          if (!known(name, OptionSources.SPARK_PREFIX, property)) {
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
    if (sources.fileName != null) {
      return fromLines(ConfigLine.parse(sources.fileName, sources.fileLines, problems));
    }
    Path folder = sources.confFolder;
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
    if (named.isEmpty() || !sources.profiles) {
      return Map.of();
    }
    String name = named.get().texts().get(0);
    Path folder = sources.confFolder;
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
      String source = OptionSources.source(line);
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
    profile = sources.profile;
    Optional<Given> named = firstGiven(EndpointOptions.PROVIDER);
    if (profile == null && named.isPresent() && sources.profiles) {
      try {
        profile = ProviderProfile.load(named.get().texts().get(0), sources.confFolder);
      } catch (BatchException e) {
        problems.add("Option " + named.get().source() + ": " + e.getMessage());
      }
    }
    return profile == null ? Map.of() : fromLines(profile.optionLines());
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
}
