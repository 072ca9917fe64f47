package io.batchinfer.cli;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.launch.RunOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.function.Consumer;
import picocli.CommandLine;
import picocli.CommandLine.ParseResult;

/** One command line as it was run in this process: its exit code and what it said. */
public record CommandLineRun(int exitCode, String out, String err) {
  public static CommandLineRun of(String... arguments) {
    return of(BatchInfer.commandLine(), arguments);
  }

  /**
   * Runs a command.
   *
   * @param whileItRuns hears all that was said on stderr whenever more is said, on the thread that
   *     says it
   */
  public static CommandLineRun heard(Consumer<String> whileItRuns, String... arguments) {
    return of(BatchInfer.commandLine(), whileItRuns, arguments);
  }

  /** Runs a command made for the test in place of the one of that name. */
  static CommandLineRun of(OptionCommand command, String... arguments) {
    CommandLine root = BatchInfer.commandLine();
    CommandLine replaced = command.commandLine();
    replaced.setExecutionExceptionHandler(root.getExecutionExceptionHandler());
    root.getCommandSpec().removeSubcommand(command.name());
    root.addSubcommand(command.name(), replaced);
    OptionFlags.answerMistakes(root);
    return of(root, arguments);
  }

  /** What {@code run} makes of its command line; runs nothing. */
  public static ResolvedOptions options(String... arguments) {
    ParseResult parsed = BatchInfer.commandLine().parseArgs(arguments);
    return OptionSources.builder()
        .flags(OptionFlags.given(parsed.subcommand(), RunOptions.ALL))
        .resolve();
  }

  private static CommandLineRun of(CommandLine root, String... arguments) {
    return of(root, said -> {}, arguments);
  }

  private static CommandLineRun of(
      CommandLine root, Consumer<String> whileItRuns, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err =
        new StringWriter() {
          @Override
          public void flush() {
            whileItRuns.accept(toString());
          }
        };
    root.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = root.execute(arguments);
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
