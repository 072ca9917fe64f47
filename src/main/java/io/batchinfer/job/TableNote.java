package io.batchinfer.job;

import java.util.List;

/**
 * What is kept of the table whose rows a job answers: {@code _plan/table.json}. A job over files
 * has none.
 *
 * @param rows rows of the table, each of which is a row of the job
 * @param fingerprint 32 hexadecimal digits of the keys and the requests, whatever their order
 * @param keys columns that name a row, as they were; empty where none was chosen and {@code
 *     custom_id} is all that names it
 * @param files staged lines in the order of the job
 */
public record TableNote(long rows, String fingerprint, List<Key> keys, List<StagedFile> files) {

  public TableNote {
    keys = List.copyOf(keys);
    files = List.copyOf(files);
  }

  /**
   * A key column.
   *
   * @param type its type in Spark's JSON form
   */
  public record Key(String name, String type) {}

  /**
   * A file of staged lines.
   *
   * @param path qualified
   */
  public record StagedFile(String path, long bytes, long rows) {}
}
