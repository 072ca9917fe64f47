package io.batchinfer.cli;

import io.batchinfer.config.Option;
import io.batchinfer.config.OptionGroup;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of the catalogue as flags of a picocli command. */
final class OptionFlags {
  private static final int USAGE_EXIT = 2;

  private OptionFlags() {}

  /** Adds the options to the command, under the headings of their groups. */
  static void addTo(CommandSpec command, Collection<Option<?>> options) {
    command.usageMessage().abbreviateSynopsis(true).sortOptions(false);
    int section = 0;
    for (OptionGroup group : OptionGroup.values()) {
      List<OptionSpec> flags =
          options.stream()
              .filter(option -> option.group() == group)
              .map(OptionFlags::flag)
              .toList();
      if (!flags.isEmpty()) {
        ArgGroupSpec.Builder headed =
            ArgGroupSpec.builder()
                .heading("%n" + group.heading() + "%n")
                .order(section++)
                .exclusive(false)
                .multiplicity("0..1")
                .validate(false);
        flags.forEach(headed::addArg);
        command.addArgGroup(headed.build());
      }
    }
  }

  /** The values given on the command line by option name; a switch holds {@code true}. */
  static Map<String, List<String>> given(ParseResult parsed, Collection<Option<?>> options) {
    Map<String, List<String>> given = new LinkedHashMap<>();
    for (Option<?> option : options) {
      OptionSpec flag = parsed.matchedOption(option.flag());
      if (flag != null) {
        List<String> texts = List.copyOf(flag.originalStringValues());
        given.put(option.name(), texts.isEmpty() ? List.of("true") : texts);
      }
    }
    return given;
  }

  /**
   * Answers mistakes on the command line with exit code 2, one message and a suggestion. Of an
   * unknown argument only the flag is shown, because the rest may be a key.
   */
  static void answerMistakes(CommandLine commandLine) {
    // A misspelt flag after an option that takes several values is none of its values.
    commandLine.setUnmatchedOptionsAllowedAsOptionParameters(false);
    commandLine.setParameterExceptionHandler(
        (failure, arguments) -> {
          String message = FlagMistakes.message(failure);
          commandLine.getErr().println(message);
          commandLine.getErr().flush();
          SummaryOutput.of(failure.getCommandLine(), List.of(arguments), System.getenv())
              .tell(Failure.usage(message), commandLine.getOut(), commandLine.getErr());
          return USAGE_EXIT;
        });
  }

  private static OptionSpec flag(Option<?> option) {
    List<String> names = new ArrayList<>();
    option.shortName().ifPresent(letter -> names.add("-" + letter));
    names.add(option.flag());
    OptionSpec.Builder flag =
        OptionSpec.builder(names.toArray(String[]::new)).description(description(option));
    if (option.isFlag()) {
      flag.type(Boolean.class);
    } else if (option.isRepeatable()) {
      flag.type(List.class)
          .auxiliaryTypes(String.class)
          .arity(option.shortName().isPresent() ? "1..*" : "1")
          .paramLabel(option.placeholder());
    } else {
      flag.type(List.class)
          .auxiliaryTypes(String.class)
          .arity(option.bareWords().isPresent() ? "0..1" : "1")
          .paramLabel(option.placeholder());
      option.bareWords().ifPresent(flag::fallbackValue);
    }
    return flag.build();
  }

  private static String description(Option<?> option) {
    StringBuilder words = new StringBuilder(option.doc());
    if (!option.limits().isEmpty()) {
      words.append(" Value ").append(String.join(", ", option.limits())).append('.');
    }
    if (!option.isFlag()) {
      option.defaultWords().ifPresent(w -> words.append(" Default: ").append(w).append('.'));
    }
    return words.toString().replace("%", "%%");
  }
}
