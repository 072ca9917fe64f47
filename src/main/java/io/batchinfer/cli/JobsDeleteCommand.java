package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.store.Note;
import io.batchinfer.store.StoreAccess;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code jobs delete}. */
@Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Deletes a job that is over, with everything it made. Its input stays.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs delete --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
final class JobsDeleteCommand extends OneJobCommand {
  @Override
  void run(StoreAccess access) {
    access.job(id());
    access.send(Note.Kind.DELETE, List.of(id()), null);
    print(DialectJson.deleted(id(), "batch"), "Deleted job %s.".formatted(id()));
  }
}
