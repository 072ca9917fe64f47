package io.batchinfer.cli;

import io.batchinfer.store.StoreAccess;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A {@code jobs} command about one job. */
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
abstract class OneJobCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Parameters(paramLabel = "ID", description = "The job, as \"jobs list\" shows it.")
  private String id;

  @Override
  public final Integer call() {
    run(flags.open(spec, false));
    return 0;
  }

  /** Does what the command is for. */
  abstract void run(StoreAccess access);

  /** Of the job, as the user gave it. */
  final String id() {
    return id;
  }

  final boolean json() {
    return flags.json();
  }

  /** Standard output. */
  final PrintWriter out() {
    return spec.commandLine().getOut();
  }

  /** Prints one line: JSON where the user asked for that, else words. */
  final void print(byte[] jsonLine, String words) {
    if (json()) {
      JobsFlags.print(spec, jsonLine);
    } else {
      JobsFlags.print(spec, words);
    }
  }
}
