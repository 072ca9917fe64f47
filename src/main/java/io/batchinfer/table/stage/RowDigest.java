package io.batchinfer.table.stage;

import io.batchinfer.model.Digest128;
import io.batchinfer.model.Hash128;
import io.batchinfer.table.render.RenderedRow;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What tells one row of a table from another: the hash of its key and that of what it was rendered
 * as. Not thread-safe.
 */
final class RowDigest {
  private static final long NONE = 0;
  private static final long SOME = 1;

  private final Digest128 digest = new Digest128();

  /**
   * Both hashes of a row.
   *
   * @param key of the row's key, of which a missing one has its own
   * @param request of its request, or of why there is none
   */
  record Row(Hash128 key, Hash128 request) implements Serializable {}

  Row of(RenderedRow row) {
    return new Row(key(row.key()), request(row));
  }

  private Hash128 key(@Nullable String key) {
    return key == null ? digest.add(NONE).finish() : digest.add(SOME).add(key).finish();
  }

  private Hash128 request(RenderedRow row) {
    RenderedRow.Problem problem = row.problem();
    byte[] body = row.body();
    if (problem != null || body == null) {
      return digest.add(NONE).add(String.valueOf(problem)).finish();
    }
    return digest.add(SOME).add(body).finish();
  }

  /** What a row adds to the fingerprint of its table, whose sum knows no order. */
  Hash128 share(Row row) {
    return digest
        .add(row.key().high())
        .add(row.key().low())
        .add(row.request().high())
        .add(row.request().low())
        .finish();
  }
}
