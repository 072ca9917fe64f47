package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.store.Note;
import io.batchinfer.store.StoreAccess;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jobs delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Deletes a job that is over, with everything it made. Its input stays.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs delete --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsDeleteCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Parameters(paramLabel = "ID", description = "The job, as \"jobs list\" shows it.")
  private String id;

  @Override
  public Integer call() {
    StoreAccess access = flags.open(spec, false);
    access.job(id);
    access.send(Note.Kind.DELETE, List.of(id), null);
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.deleted(id, "batch"));
    } else {
      JobsFlags.print(spec, "Deleted job %s.".formatted(id));
    }
    return 0;
  }
}
