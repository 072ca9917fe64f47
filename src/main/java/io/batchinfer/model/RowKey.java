package io.batchinfer.model;

import java.util.OptionalLong;

/**
 * The {@code id} of a result line: {@code batch_req_} and 32 hexadecimal digits, 16 of the job, 4
 * of the input file, 12 of the line. The same job and row always give the same id, and the row can
 * be read back from it, which the proof relies on.
 */
public final class RowKey {
  public static final String PREFIX = "batch_req_";

  /** Characters of every id. */
  public static final int LENGTH = PREFIX.length() + 32;

  /** Files beyond this number do not fit into an id. */
  public static final int MAX_FILES = 1 << 16;

  private static final String DIGITS = "0123456789abcdef";

  private final String job;

  public RowKey(Hash128 job) {
    this.job = PREFIX + job.hex().substring(0, 16);
  }

  public String of(RowId row) {
    StringBuilder id = new StringBuilder(LENGTH).append(job);
    for (int shift = 12; shift >= 0; shift -= 4) {
      id.append(DIGITS.charAt((row.file() >>> shift) & 15));
    }
    for (int shift = 44; shift >= 0; shift -= 4) {
      id.append(DIGITS.charAt((int) (row.line() >>> shift) & 15));
    }
    return id.toString();
  }

  /**
   * File and line packed as they stand in the id ({@code file << 48 | line}), or empty for a
   * foreign id.
   */
  public OptionalLong parse(String id) {
    if (id.length() != LENGTH || !id.startsWith(job)) {
      return OptionalLong.empty();
    }
    long value = 0;
    for (int i = job.length(); i < LENGTH; i++) {
      int digit = DIGITS.indexOf(id.charAt(i));
      if (digit < 0) {
        return OptionalLong.empty();
      }
      value = value << 4 | digit;
    }
    return OptionalLong.of(value);
  }

  public static int fileOf(long packed) {
    return (int) (packed >>> 48);
  }

  public static long lineOf(long packed) {
    return packed & 0xffff_ffff_ffffL;
  }
}
