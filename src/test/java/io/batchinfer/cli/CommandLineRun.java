package io.batchinfer.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import picocli.CommandLine;

/** One command line as it was run in this process: its exit code and what it said. */
public record CommandLineRun(int exitCode, String out, String err) {
  public static CommandLineRun of(String... arguments) {
    return of(BatchInfer.commandLine(), arguments);
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

  private static CommandLineRun of(CommandLine root, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    root.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exitCode = root.execute(arguments);
    return new CommandLineRun(exitCode, out.toString(), err.toString());
  }
}
