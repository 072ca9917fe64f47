package io.batchinfer.cli;

import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import io.batchinfer.store.StoreAccess;
import io.batchinfer.store.StoreJson;
import io.batchinfer.store.StoredContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code jobs download}. */
@Command(
    name = "download",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Writes the results of a job that is over into one file: all of them, or no file."
    },
    footerHeading = "%nExample%n",
    footer =
        "  batchinfer jobs download --store data 6f1c0b52-5a0e-4a51-9df5-1c3a2b4c5d6e --to results/")
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class JobsDownloadCommand extends OneJobCommand {
  @Option(
      names = "--to",
      paramLabel = "PATH",
      required = true,
      description = {"The file, or a folder for ID_output.jsonl (ID_error.jsonl) in it."})
  private String to;

  @Option(names = "--errors", description = "The rows that failed instead of the results.")
  private boolean errors;

  @Option(names = "--force", description = "Replaces a file that is there.")
  private boolean force;

  @Override
  void run(StoreAccess access) {
    BatchFile file = file(access, access.job(id()));
    FileStore files = access.store().files();
    String path = JobsFlags.target(files, to, id() + (errors ? "_error.jsonl" : "_output.jsonl"));
    refuseExisting(files, path);
    String part = path + ".part-" + UUID.randomUUID();
    boolean published = false;
    try {
      long bytes = copy(StoredContent.of(access.store(), file), files, part);
      if (bytes != file.bytes()) {
        throw new BatchException(
            ErrorCode.PROOF_FAILED,
            "The stored %s of job %s have %,d bytes, not the %,d that were proven; no file was written."
                .formatted(rows(), id(), bytes, file.bytes()));
      }
      refuseExisting(files, path);
      files.publish(part, path);
      published = true;
      print(
          StoreJson.downloaded(id(), path, bytes),
          "Wrote %s (%s) to %s."
              .formatted(Amount.of(file.lines(), "row"), Amount.of(bytes, "byte"), path));
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    } finally {
      if (!published) {
        files.delete(part);
      }
    }
  }

  private String rows() {
    return errors ? "errors" : "results";
  }

  private BatchFile file(StoreAccess access, BatchJob job) {
    BatchStatus status = job.state().status();
    if (!status.isTerminal()) {
      throw new BatchException(
          ErrorCode.CONFLICT,
          "Job %s is not over yet (%s); wait for it, or cancel it to get what it has."
              .formatted(id(), status));
    }
    @Nullable String wanted = errors ? job.state().files().errors() : job.state().files().output();
    if (wanted == null) {
      throw new BatchException(
          ErrorCode.NOT_FOUND,
          "Job %s (%s) has no %s: %,d requests succeeded and %,d failed."
              .formatted(
                  id(),
                  status,
                  rows(),
                  job.state().counts().succeeded(),
                  job.state().counts().failed()));
    }
    return access
        .store()
        .readFile(job.workspace(), wanted)
        .filter(file -> !file.hasExpired(access.nowMillis()))
        .orElseThrow(
            () ->
                new BatchException(
                    ErrorCode.NOT_FOUND,
                    "The %s of job %s are gone: their file was deleted or has expired."
                        .formatted(rows(), id())));
  }

  private void refuseExisting(FileStore files, String path) {
    if (!force && files.find(path).isPresent()) {
      throw new BatchException(
          ErrorCode.CONFLICT,
          "There is a file \"%s\" already; give another --to, or --force to replace it."
              .formatted(path));
    }
  }

  private static long copy(StoredContent content, FileStore files, String part) throws IOException {
    try (InputStream in = content.open(0);
        OutputStream out = files.create(part)) {
      return in.transferTo(out);
    }
  }
}
