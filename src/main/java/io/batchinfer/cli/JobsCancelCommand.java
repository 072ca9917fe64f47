package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchJob;
import io.batchinfer.store.Note;
import io.batchinfer.store.StoreAccess;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jobs cancel}. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Asks a job to end. What was answered is kept; the other rows become errors.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs cancel --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsCancelCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Parameters(paramLabel = "ID", description = "The job, as \"jobs list\" shows it.")
  private String id;

  @Override
  public Integer call() {
    StoreAccess access = flags.open(spec, false);
    access.job(id);
    access.send(Note.Kind.CANCEL, List.of(id), null);
    BatchJob job = access.job(id);
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.mistral(job));
    } else if (job.state().status().isTerminal()) {
      JobsFlags.print(spec, "Job %s is over (%s).".formatted(id, job.state().status()));
    } else {
      JobsFlags.print(
          spec,
          access.wasAlone()
              ? "Job %s is cancelled with the next start of a service; none runs now.".formatted(id)
              : "Job %s is being cancelled; \"batchinfer jobs get\" shows when it is over."
                  .formatted(id));
    }
    return 0;
  }
}
