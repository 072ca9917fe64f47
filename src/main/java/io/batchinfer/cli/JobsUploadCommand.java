package io.batchinfer.cli;

import io.batchinfer.api.DialectJson;
import io.batchinfer.model.BatchFile;
import io.batchinfer.store.IncomingFile;
import io.batchinfer.store.RefusedRequest;
import io.batchinfer.store.StoreAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jobs upload}. */
@Command(
    name = "upload",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {"Copies files of requests into the workspace and prints the id of each."},
    footerHeading = "%nExample%n",
    footer = "  batchinfer jobs upload --store data --workspace acme requests.jsonl")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsUploadCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Mixin private JobsFlags flags;

  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description = "JSONL files, on any Hadoop filesystem.")
  private List<String> paths;

  @Option(
      names = "--purpose",
      paramLabel = "WORD",
      defaultValue = "batch",
      description = "As in the API. Default: ${DEFAULT-VALUE}.")
  private String purpose;

  @Override
  public Integer call() {
    try {
      IncomingFile.checkPurpose(purpose);
    } catch (RefusedRequest e) {
      throw JobsFlags.inFlags(e.field(), e);
    }
    StoreAccess access = flags.open(spec, true);
    List<BatchFile> files = new ArrayList<>();
    for (String path : paths) {
      BatchFile file = access.upload(path, purpose);
      files.add(file);
      if (!flags.json()) {
        JobsFlags.print(spec, file.id());
      }
    }
    if (flags.json()) {
      JobsFlags.print(spec, DialectJson.files(files, files.size(), false));
    }
    return 0;
  }
}
