package io.batchinfer.cli;

import io.batchinfer.model.ErrorCode;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;

/** The root of all commands. */
@Command(
    name = "batchinfer",
    description =
        "Batch LLM inference on Apache Spark: JSONL in, paid once, reassembled JSONL out.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class BatchInfer {
  private BatchInfer() {}

  static CommandLine commandLine() {
    CommandLine root = new CommandLine(CommandSpec.forAnnotatedObject(new BatchInfer()));
    for (OptionCommand command : OptionCommand.all()) {
      root.addSubcommand(command.name(), command.commandLine());
    }
    root.addSubcommand("simulate", new SimulateCommand());
    root.addSubcommand("keys", new KeysCommand());
    root.addSubcommand("jobs", new JobsCommand());
    root.setExecutionExceptionHandler((failure, commandLine, parsed) -> fail(failure, commandLine));
    root.setExecutionStrategy(BatchInfer::executeWithoutSpark);
    OptionFlags.answerMistakes(root);
    return root;
  }

  /** Runs one command line and returns its exit code. */
  static int execute(String... arguments) {
    CommandLine root = commandLine();
    if (arguments.length == 0) {
      root.usage(root.getErr());
      return ErrorCode.USAGE.exitCode();
    }
    return root.execute(arguments);
  }

  /** Runs the command of a command line; that classes of Spark are absent is one more failure. */
  private static int executeWithoutSpark(ParseResult parsed) {
    try {
      return new RunLast().execute(parsed);
    } catch (LinkageError e) {
      List<CommandLine> commands = parsed.asCommandLineList();
      throw new ExecutionException(
          commands.get(commands.size() - 1), "The command could not be linked.", e);
    }
  }

  private static int fail(Exception thrown, CommandLine commandLine) {
    Failure failure = Failure.of(thrown);
    List<String> arguments = commandLine.getParseResult().originalArgs();
    PrintWriter err = commandLine.getErr();
    err.println(failure.message());
    if (arguments.contains("--verbose")) {
      thrown.printStackTrace(err);
    }
    err.flush();
    Object command = commandLine.getCommandSpec().userObject();
    int exitCode =
        command instanceof OptionCommand known
            ? known.exitCode(failure)
            : failure.code().exitCode();
    SummaryOutput summary = SummaryOutput.of(commandLine, arguments, System.getenv());
    if (summary.isWanted()) {
      Optional<String> jobId =
          command instanceof OptionCommand known ? known.jobId(failure) : Optional.empty();
      summary.tell(failure.json(jobId, exitCode), commandLine.getOut(), err);
    }
    return exitCode;
  }
}
