package io.batchinfer.model;

/**
 * Identity of a row: the input file and the physical line it stands on. It survives missing and
 * duplicate {@code custom_id}s.
 *
 * @param file position of the input file in the plan, from 0
 * @param line physical line number in that file, from 1
 */
public record RowId(int file, long line) implements Comparable<RowId> {
  public RowId {
    if (file < 0 || line < 1) {
      throw new IllegalArgumentException("no such row: file " + file + ", line " + line);
    }
  }

  @Override
  public int compareTo(RowId other) {
    int byFile = Integer.compare(file, other.file);
    return byFile != 0 ? byFile : Long.compare(line, other.line);
  }
}
