package io.batchinfer.cli;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.Options;
import io.batchinfer.model.BatchException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** A command line that somebody may type, read as the program reads it, and not run. */
public final class TypedCommand {
  private static final String LEFT_OUT = "…";
  private static final Pattern PLACEHOLDER = Pattern.compile(".*" + LEFT_OUT + ".*|[A-Z]+");

  private TypedCommand() {}

  /**
   * What the program would say against the command line.
   *
   * @param arguments without the program itself; an ellipsis as a word of its own stands for
   *     further arguments, and a value that has one, or is in capitals, for any value
   */
  public static Optional<String> mistakeIn(List<String> arguments) {
    CommandLine root = BatchInfer.commandLine();
    CommandLine command = root;
    ParseResult parsed;
    try {
      parsed = root.parseArgs(withoutLeftOut(arguments).toArray(String[]::new));
    } catch (ParameterException e) {
      return Optional.of(FlagMistakes.message(e));
    }
    while (parsed.hasSubcommand()) {
      parsed = parsed.subcommand();
      command = parsed.commandSpec().commandLine();
    }
    if (!(command.getCommandSpec().userObject() instanceof OptionCommand)) {
      return Optional.empty();
    }
    Map<String, List<String>> given = new LinkedHashMap<>();
    OptionFlags.given(parsed, Options.all())
        .forEach(
            (option, values) -> {
              if (values.stream().noneMatch(value -> PLACEHOLDER.matcher(value).matches())) {
                given.put(option, values);
              }
            });
    try {
      OptionSources.builder().flags(given).resolve();
      return Optional.empty();
    } catch (BatchException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> withoutLeftOut(List<String> arguments) {
    List<String> kept = new ArrayList<>();
    for (String argument : arguments) {
      boolean value =
          !kept.isEmpty()
              && kept.get(kept.size() - 1).startsWith("--")
              && !kept.get(kept.size() - 1).contains("=");
      if (value || !argument.equals(LEFT_OUT)) {
        kept.add(argument);
      }
    }
    return kept;
  }
}
