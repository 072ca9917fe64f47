package io.batchinfer.engine.plan;

/**
 * A range of plain bytes that one planning task scans.
 *
 * @param index position among all units, in input order, from 0
 * @param file number of the input file
 * @param path where the plain bytes are
 * @param start first byte; a line belongs to the unit in which it begins
 * @param end first byte after it
 */
public record ScanUnit(int index, int file, String path, long start, long end)
    implements java.io.Serializable {
  /** Size of a unit of a plain file. A constant, since content hashes are made of units. */
  static final long BYTES = 32L << 20;
}
