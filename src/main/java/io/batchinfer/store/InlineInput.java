package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Requests that come with a job: they become a file of the workspace like any other. */
final class InlineInput {
  private InlineInput() {}

  /** Stores the bytes; the record is stored with the job. */
  static BatchFile store(
      BatchStore store, String workspace, String jobId, byte[] lines, long count, long nowMillis) {
    LineScan scan = new LineScan();
    scan.add(lines);
    String id = BatchIds.next();
    store.files().replace(store.content(workspace, id), lines);
    return file(workspace, jobId, new Stored(id, lines.length, count, scan.signature()), nowMillis);
  }

  /** The file of a job whose record did not come to be stored; empty where its bytes are gone. */
  static Optional<BatchFile> recovered(BatchStore store, BatchJob job) {
    String id = job.spec().inputFiles().get(0);
    return store
        .files()
        .find(store.content(job.workspace(), id))
        .map(
            content ->
                file(
                    job.workspace(),
                    job.id(),
                    new Stored(id, content.bytes(), job.spec().input().requests(), null),
                    job.spec().createdMillis()));
  }

  /** What is stored; its signature is null where the bytes were not looked at. */
  private record Stored(String id, long bytes, long lines, @Nullable String signature) {}

  private static BatchFile file(String workspace, String jobId, Stored stored, long createdMillis) {
    return new BatchFile(
        stored.id(),
        workspace,
        jobId + "_input.jsonl",
        "batch",
        Role.REQUESTS,
        stored.bytes(),
        stored.lines(),
        createdMillis,
        null,
        stored.signature(),
        null,
        null);
  }
}
