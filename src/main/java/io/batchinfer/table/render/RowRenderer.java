package io.batchinfer.table.render;

import java.io.Serializable;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * Makes the request of each projected row, on executors. Immutable and thread-safe; the same row
 * gives the same bytes.
 */
public final class RowRenderer implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowKeys keys;
  private final RowBody body;

  RowRenderer(RowKeys keys, RowBody body) {
    this.keys = keys;
    this.body = body;
  }

  /**
   * The request of a row, or why there is none. Never throws because of what the row holds.
   *
   * @param row of {@link RequestRows#rows}
   */
  public RenderedRow render(InternalRow row) {
    @Nullable String key = null;
    try {
      key = keys.of(row);
      return new RenderedRow(key, body.of(row), null);
    } catch (Unsendable e) {
      return new RenderedRow(key, null, e.problem());
    }
  }
}
