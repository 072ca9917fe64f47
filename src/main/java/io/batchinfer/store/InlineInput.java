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
    return file(id, workspace, jobId, lines.length, count, nowMillis, scan.signature());
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
                    id,
                    job.workspace(),
                    job.id(),
                    content.bytes(),
                    job.spec().input().requests(),
                    job.spec().createdMillis(),
                    null));
  }

  private static BatchFile file(
      String id,
      String workspace,
      String jobId,
      long bytes,
      long lines,
      long createdMillis,
      @Nullable String signature) {
    return new BatchFile(
        id,
        workspace,
        jobId + "_input.jsonl",
        "batch",
        Role.REQUESTS,
        bytes,
        lines,
        createdMillis,
        null,
        signature,
        null,
        null);
  }
}
