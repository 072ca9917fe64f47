package io.batchinfer.model;

/**
 * A run of whole lines of one input file: the unit that is claimed, journalled and committed.
 *
 * @param index position in the plan, from 0; also the number of the result part
 * @param file number of the input file
 * @param path where the plain bytes are: the input itself, or a staged copy of a compressed one
 * @param start first byte in {@code path}
 * @param end first byte after it
 * @param unit scan unit that the split was cut from
 * @param unitLine line in its unit, from 0, of the first line
 * @param firstLine physical line number in the input file of the first line
 * @param lines physical lines, blank ones included
 * @param rows lines that are not blank
 * @param invalid rows that are never sent
 * @param rowSum sum of {@link RowHash}es
 * @param tokens estimated prompt and answer tokens of the valid rows
 */
public record Split(
    int index,
    int file,
    String path,
    long start,
    long end,
    int unit,
    int unitLine,
    long firstLine,
    int lines,
    int rows,
    int invalid,
    Hash128 rowSum,
    long tokens) {

  /** Identity of the row on the split's n-th physical line, counted from 0. */
  public RowId row(int lineInSplit) {
    return new RowId(file, firstLine + lineInSplit);
  }
}
