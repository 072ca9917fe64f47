package io.batchinfer.cli;

import io.batchinfer.config.Suggestions;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Words for what is wrong with a command line. */
final class FlagMistakes {
  private static final Pattern UNKNOWN_OPTION = Pattern.compile("Unknown option: '([^']*)'");

  private FlagMistakes() {}

  static String message(ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    String help =
        " Try \"" + command.getCommandSpec().qualifiedName() + " --help\" for what it takes.";
    if (failure instanceof UnmatchedArgumentException unmatched) {
      return unknown(unmatched) + help;
    }
    if (failure instanceof MissingParameterException missing) {
      return missing.getMissing().isEmpty()
          ? "A value is missing." + help
          : "Missing: "
              + missing.getMissing().stream()
                  .map(FlagMistakes::shown)
                  .collect(Collectors.joining(", "))
              + "."
              + help;
    }
    if (failure instanceof OverwrittenOptionException twice) {
      return "Option "
          + shown(twice.getOverwritten())
          + " is given more than once; give it once."
          + help;
    }
    return shownWithoutValue(failure) + help;
  }

  private static String unknown(UnmatchedArgumentException failure) {
    String first =
        failure.getUnmatched().isEmpty() ? inPlaceOfAValue(failure) : failure.getUnmatched().get(0);
    Set<String> commands = failure.getCommandLine().getSubcommands().keySet();
    if (!first.startsWith("-") && !commands.isEmpty()) {
      return "There is no such command." + Suggestions.didYouMean(first, commands);
    }
    if (!first.startsWith("-")) {
      return "The command takes no argument in that place; arguments with spaces need quotes.";
    }
    String flag = withoutValue(first);
    if (flag.equals("--api-key") || flag.equals("--key") || flag.equals("--token")) {
      return "Option "
          + flag
          + " does not exist, because other users of a machine can read arguments. Put the key into"
          + " an environment variable and name it with --api-key-env, or into a file and name that"
          + " with --api-key-file.";
    }
    List<String> flags =
        List.copyOf(failure.getCommandLine().getCommandSpec().optionsMap().keySet());
    return "Option " + flag + " is unknown." + Suggestions.didYouMean(flag, flags);
  }

  /** An unknown flag after an option that takes a value, which only the message holds. */
  private static String inPlaceOfAValue(UnmatchedArgumentException failure) {
    Matcher matcher = UNKNOWN_OPTION.matcher(String.valueOf(failure.getMessage()));
    return matcher.lookingAt() ? matcher.group(1) : "";
  }

  private static String shown(ArgSpec argument) {
    return argument instanceof OptionSpec option
        ? (option.longestName() + " " + argument.paramLabel()).strip()
        : argument.paramLabel();
  }

  private static String shownWithoutValue(ParameterException failure) {
    ArgSpec argument = failure.getArgSpec();
    return argument == null
        ? "The command line cannot be understood."
        : "The value of " + shown(argument) + " cannot be understood.";
  }

  private static String withoutValue(String argument) {
    int equals = argument.indexOf('=');
    return equals < 0 ? argument : argument.substring(0, equals);
  }
}
