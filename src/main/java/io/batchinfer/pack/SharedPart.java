package io.batchinfer.pack;

import java.io.ByteArrayOutputStream;

/** A part of a pack's answer that each row has its own version of. */
interface SharedPart {
  /** Where it begins in the answer. */
  int from();

  /** The byte behind it. */
  int to();

  /** Writes what stands there for a row. */
  void write(Shares shares, int row, ByteArrayOutputStream out);
}
