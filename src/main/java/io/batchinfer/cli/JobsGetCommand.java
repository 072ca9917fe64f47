package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchJob;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jobs get}. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows a job and how far along it is.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs get --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsGetCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Parameters(paramLabel = "ID", description = "The job, as \"jobs list\" shows it.")
  private String id;

  @Override
  public Integer call() {
    BatchJob job = flags.open(spec, false).job(id);
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.mistral(job));
    } else {
      JobSheet.print(job, spec.commandLine().getOut());
    }
    return 0;
  }
}
