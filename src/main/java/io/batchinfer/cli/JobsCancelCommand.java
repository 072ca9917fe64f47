package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchJob;
import io.batchinfer.store.Note;
import io.batchinfer.store.StoreAccess;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jobs cancel}. */
@Command(
    name = "cancel",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Asks a job to end. What was answered is kept; the other rows become errors.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs cancel --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
final class JobsCancelCommand extends OneJobCommand {
  @Override
  void run(StoreAccess access) {
    access.job(id());
    access.send(Note.Kind.CANCEL, List.of(id()), null);
    BatchJob job = access.job(id());
    print(DialectJson.mistral(job), words(job, access.wasAlone()));
  }

  private static String words(BatchJob job, boolean alone) {
    if (job.state().status().isTerminal()) {
      return "Job %s is over (%s).".formatted(job.id(), job.state().status());
    }
    return alone
        ? "Job %s is cancelled with the next start of a service; none runs now.".formatted(job.id())
        : "Job %s is being cancelled; \"batchinfer jobs get\" shows when it is over."
            .formatted(job.id());
  }
}
