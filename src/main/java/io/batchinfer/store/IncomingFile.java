package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file on its way into a workspace. Its bytes lie under a temporary name until they are complete,
 * and nobody sees the file before its record is stored. For one thread at a time.
 */
public final class IncomingFile {
  private static final List<String> PURPOSES =
      List.of("batch", "fine-tune", "ocr", "audio", "assistants", "vision", "user_data", "evals");

  private final BatchStore store;
  private final String workspace;
  private final String id = BatchIds.next();
  private final LineScan scan = new LineScan();
  private @Nullable OutputStream out;

  /** A file with an id of its own; nothing is written yet. */
  public IncomingFile(BatchStore store, String workspace) {
    this.store = store;
    this.workspace = workspace;
  }

  /**
   * Refuses a purpose that neither API has.
   *
   * @throws RefusedRequest naming those that there are
   */
  public static void checkPurpose(String purpose) {
    if (!PURPOSES.contains(purpose)) {
      throw RefusedRequest.invalid(
          "purpose",
          "invalid_value",
          "Invalid value: '%s'. Supported values are: %s."
              .formatted(
                  purpose.length() > 40 ? purpose.substring(0, 40) + "…" : purpose,
                  String.join(", ", PURPOSES)));
    }
  }

  private String path() {
    return store.content(workspace, id);
  }

  private String part() {
    return path() + ".part";
  }

  private OutputStream out() {
    OutputStream stream = out;
    if (stream == null) {
      stream = store.files().create(part());
      out = stream;
    }
    return stream;
  }

  /** Adds bytes at the end. */
  public void write(byte[] bytes, int offset, int length) throws IOException {
    out().write(bytes, offset, length);
    scan.add(bytes, offset, length);
  }

  /**
   * Puts the bytes into place and returns the record, which the caller stores.
   *
   * @param keptForSeconds how long the file is kept, empty for ever
   * @param visibility as the uploader gave it, or null
   * @throws RefusedRequest where the bytes are not a batch
   */
  public BatchFile complete(
      String filename,
      String purpose,
      long nowMillis,
      Optional<Long> keptForSeconds,
      @Nullable String visibility)
      throws IOException {
    if (purpose.equals("batch") && !scan.beginsWithJson()) {
      throw RefusedRequest.invalid(
          null,
          null,
          "Invalid file format for Batch API. Must be .jsonl"
              + scan.form().map(form -> "; the file " + form + ".").orElse(""));
    }
    out().close();
    store.files().publish(part(), path());
    return new BatchFile(
        id,
        workspace,
        filename,
        purpose,
        Role.REQUESTS,
        scan.bytes(),
        scan.lines(),
        nowMillis,
        keptForSeconds.map(seconds -> Long.valueOf(nowMillis + seconds * 1000)).orElse(null),
        scan.signature(),
        visibility,
        null);
  }

  /** Removes what was written of a file that is not kept. */
  public void abandon() throws IOException {
    OutputStream stream = out;
    out = null;
    if (stream != null) {
      try {
        stream.close();
      } finally {
        store.deleteFile(workspace, id);
      }
    }
  }
}
