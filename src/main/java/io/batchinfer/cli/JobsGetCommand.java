package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchJob;
import io.batchinfer.store.StoreAccess;
import picocli.CommandLine.Command;

/** {@code jobs get}. */
@Command(
    name = "get",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Shows a job and how far along it is.",
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs get --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e")
final class JobsGetCommand extends OneJobCommand {
  @Override
  void run(StoreAccess access) {
    BatchJob job = access.job(id());
    if (json()) {
      print(DialectJson.mistral(job), "");
    } else {
      JobSheet.print(job, out());
    }
  }
}
