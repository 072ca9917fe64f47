package io.batchinfer.cli;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/** The root of all commands. */
@Command(
    name = "batchinfer",
    description =
        "Batch LLM inference on Apache Spark: JSONL in, paid once, reassembled JSONL out.",
    versionProvider = Version.class,
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND")
final class BatchInfer {
  private static final int DEFECT = 1;

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

  /** The failure that has words for the user, which Spark may have wrapped. */
  private static Throwable cause(Throwable thrown) {
    Throwable candidate = thrown;
    while (candidate != null) {
      if (candidate instanceof BatchException || candidate instanceof StorageException) {
        return candidate;
      }
      candidate = candidate.getCause();
    }
    return thrown;
  }

  private static int fail(Exception thrown, CommandLine commandLine) {
    Throwable failure = cause(thrown);
    PrintWriter err = commandLine.getErr();
    boolean verbose = commandLine.getParseResult().originalArgs().contains("--verbose");
    int exitCode;
    if (failure instanceof BatchException known) {
      err.println(known.getMessage());
      exitCode = known.code().exitCode();
    } else if (failure instanceof StorageException storage) {
      err.println(storage.getMessage());
      exitCode = ErrorCode.STORAGE_FAILED.exitCode();
    } else {
      err.println(
          "A defect of this program: %s. Run it again with --verbose and report what it prints; what was answered is saved."
              .formatted(failure));
      exitCode = DEFECT;
    }
    if (verbose) {
      thrown.printStackTrace(err);
    }
    err.flush();
    return exitCode;
  }
}
