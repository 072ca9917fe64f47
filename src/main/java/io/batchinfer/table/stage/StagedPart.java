package io.batchinfer.table.stage;

import java.io.Serializable;

/**
 * The lines of one partition of a table, in a file.
 *
 * @param partition its number in the table
 * @param path qualified; a file of 32 bytes per row, its two hashes, lies beside it
 */
record StagedPart(int partition, String path, long bytes, TableSum sum) implements Serializable {
  /** Bytes per row in the file of hashes. */
  static final int HASHES = 4 * Long.BYTES;

  String hashes() {
    return hashesOf(path);
  }

  static String hashesOf(String path) {
    return path + ".hashes";
  }
}
