package io.batchinfer.cli;

import io.batchinfer.config.Option;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** A command whose flags are options of the catalogue. */
abstract class OptionCommand implements Callable<Integer> {
  /** Where a command says things: results to {@code out}, everything else to {@code err}. */
  record Terminal(PrintWriter out, PrintWriter err) {}

  private final String name;
  private final String description;
  private final List<Option<?>> options;
  private @Nullable CommandLine commandLine;

  OptionCommand(String name, String description, List<Option<?>> options) {
    this.name = name;
    this.description = description;
    this.options = List.copyOf(options);
  }

  static List<OptionCommand> all() {
    return List.of(new RunCommand());
  }

  String name() {
    return name;
  }

  /**
   * Does the work and returns the exit code.
   *
   * @throws BatchException with a message for the user
   */
  abstract int run(ResolvedOptions resolved, Terminal terminal) throws Exception;

  CommandLine commandLine() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    spec.name(name);
    spec.mixinStandardHelpOptions(true);
    spec.usageMessage().description(description);
    OptionFlags.addTo(spec, options);
    commandLine = new CommandLine(spec);
    return commandLine;
  }

  @Override
  public Integer call() throws Exception {
    CommandLine own = Objects.requireNonNull(commandLine, "commandLine");
    Map<String, List<String>> given = OptionFlags.given(own.getParseResult(), options);
    OptionSources.Builder sources =
        OptionSources.builder()
            .flags(given)
            .environment(System.getenv())
            .sparkConf(sparkProperties());
    @Nullable Path confFolder = confFolder();
    if (confFolder != null) {
      sources.confFolder(confFolder);
    }
    return run(sources.resolve(), new Terminal(own.getOut(), own.getErr()));
  }

  private static Map<String, String> sparkProperties() {
    Map<String, String> properties = new TreeMap<>();
    System.getProperties()
        .forEach(
            (key, value) -> {
              if (key.toString().startsWith("spark.")) {
                properties.put(key.toString(), value.toString());
              }
            });
    return properties;
  }

  /** The folder of configuration files: that of the installation, or {@code conf} here. */
  static @Nullable Path confFolder() {
    String home = System.getProperty("batchinfer.home");
    Path folder = home == null ? Path.of("conf") : Path.of(home, "conf");
    return Files.isDirectory(folder) ? folder : null;
  }
}
