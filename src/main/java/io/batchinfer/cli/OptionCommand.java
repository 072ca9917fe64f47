package io.batchinfer.cli;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;

/** A command whose flags are options of the catalogue. */
abstract class OptionCommand implements Callable<Integer> {
  /** Where a command says things: results to {@code out}, everything else to {@code err}. */
  record Terminal(PrintWriter out, PrintWriter err) {}

  /** Set by {@code scripts/batchinfer} to the installation's folder. */
  private static final String HOME = "batchinfer.home";

  private final String name;
  private final String description;
  private final List<Option<?>> options;
  private @Nullable CommandLine commandLine;

  /**
   * @param options in any order; shown is that of the catalogue
   */
  OptionCommand(String name, String description, Collection<Option<?>> options) {
    this.name = name;
    this.description = description;
    this.options = Options.all().stream().filter(options::contains).toList();
  }

  static List<OptionCommand> all() {
    return List.of(
        new RunCommand(),
        new ValidateCommand(),
        new StatusCommand(),
        new CancelCommand(),
        new ResultsCommand(),
        new ReportCommand(),
        new VerifyCommand(),
        new DiffCommand(),
        new SampleCommand(),
        new SplitCommand(),
        new PricesCommand(),
        new ServeCommand());
  }

  String name() {
    return name;
  }

  /** What {@code --help} says beyond the description; empty for nothing more. */
  String details() {
    return "";
  }

  /** Command lines to show below the options. */
  List<String> examples() {
    return List.of();
  }

  /** Whether {@code --output} may also be given as the only argument. */
  boolean takesFolder() {
    return false;
  }

  /** What may be given without a flag, by its place; only the last may be given several times. */
  List<Argument> arguments() {
    return takesFolder()
        ? List.of(
            new Argument(
                InputOutputOptions.OUTPUT,
                "folder",
                "The job's folder; the same as " + InputOutputOptions.OUTPUT.flag() + "."))
        : List.of();
  }

  /**
   * The value of an option that may be given without its flag.
   *
   * @param thing what it is, for messages
   */
  record Argument(Option<?> option, String thing, String description) {
    private PositionalParamSpec at(int place) {
      boolean several = option.isRepeatable();
      return PositionalParamSpec.builder()
          .index(several ? place + "..*" : String.valueOf(place))
          .arity(several ? "0..*" : "0..1")
          .type(List.class)
          .auxiliaryTypes(String.class)
          .paramLabel(option.placeholder())
          .description(description)
          .build();
    }

    /** Adds what was given without the flag to what was given with one. */
    private void addTo(Map<String, List<String>> given, List<String> values) {
      if (!values.isEmpty() && given.putIfAbsent(option.name(), values) != null) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The %s is given twice, as \"%s\" and with %s; give it once."
                .formatted(thing, String.join("\", \"", values), option.flag()));
      }
    }
  }

  /**
   * Does the work and returns the exit code.
   *
   * @throws BatchException with a message for the user
   */
  abstract int run(ResolvedOptions resolved, Terminal terminal) throws Exception;

  /** The exit code of the command where it failed. */
  int exitCode(Failure failure) {
    return failure.code().exitCode();
  }

  /** The id of the job that the failed command was about, where it is known. */
  Optional<String> jobId(Failure failure) {
    return Optional.empty();
  }

  CommandLine commandLine() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    spec.name(name);
    spec.mixinStandardHelpOptions(true);
    spec.usageMessage()
        .description(
            details().isEmpty()
                ? new String[] {description}
                : new String[] {description, "", details()});
    OptionFlags.addTo(spec, options);
    List<Argument> arguments = arguments();
    for (int i = 0; i < arguments.size(); i++) {
      spec.addPositional(arguments.get(i).at(i));
    }
    if (!examples().isEmpty()) {
      spec.usageMessage().footerHeading("%nExample%n");
      spec.usageMessage()
          .footer(examples().stream().map(line -> "  " + line).toArray(String[]::new));
    }
    commandLine = new CommandLine(spec);
    return commandLine;
  }

  @Override
  public Integer call() throws Exception {
    CommandLine own = Objects.requireNonNull(commandLine, "commandLine");
    return call(given(own.getParseResult()), new Terminal(own.getOut(), own.getErr()));
  }

  /**
   * Reads the options and does the work.
   *
   * @param given values by option name, as given on the command line
   */
  int call(Map<String, List<String>> given, Terminal terminal) throws Exception {
    OptionSources.Builder sources =
        OptionSources.builder()
            .flags(given)
            .environment(System.getenv())
            .sparkConf(sparkProperties());
    @Nullable Path confFolder = confFolder();
    if (confFolder != null) {
      sources.confFolder(confFolder);
    }
    return run(sources.resolve(), terminal);
  }

  private Map<String, List<String>> given(ParseResult parsed) {
    Map<String, List<String>> given = OptionFlags.given(parsed, options);
    List<Argument> arguments = arguments();
    for (int i = 0; i < arguments.size(); i++) {
      List<String> values =
          parsed.matchedPositionals(i).stream()
              .flatMap(positional -> positional.originalStringValues().stream())
              .toList();
      arguments.get(i).addTo(given, values);
    }
    return given;
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

  /** Whether this JVM is one that {@code scripts/batchinfer} started for this command alone. */
  static boolean isStartedByScript() {
    return System.getProperty(HOME) != null;
  }

  /** The folder of configuration files: that of the installation, or {@code conf} here. */
  static @Nullable Path confFolder() {
    String home = System.getProperty(HOME);
    Path folder = home == null ? Path.of("conf") : Path.of(home, "conf");
    return Files.isDirectory(folder) ? folder : null;
  }
}
