package io.batchinfer.store;

import io.batchinfer.json.JsonLine;
import io.batchinfer.row.InputForm;
import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * What an upload is found to be while its bytes pass by: lines that are not blank, a hash, and
 * whether the first line is JSON. For one thread at a time.
 */
final class LineScan {
  /** A first line that is longer is taken on trust; the job looks at it again. */
  private static final int LONGEST_FIRST_LINE = 1 << 20;

  private final MessageDigest digest;
  private final ByteArrayOutputStream head = new ByteArrayOutputStream();
  private final ByteArrayOutputStream firstLine = new ByteArrayOutputStream();
  private boolean firstLineOver;
  private boolean lineHasText;
  private long lines;
  private long bytes;

  public LineScan() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  public void add(byte[] chunk) {
    add(chunk, 0, chunk.length);
  }

  /** Looks at the next bytes. */
  public void add(byte[] chunk, int offset, int length) {
    bytes += length;
    head.write(chunk, offset, Math.min(length, InputForm.HEAD_BYTES - head.size()));
    digest.update(chunk, offset, length);
    for (int i = offset; i < offset + length; i++) {
      byte b = chunk[i];
      if (b == '\n') {
        endLine();
      } else if (b != ' ' && b != '\t' && b != '\r') {
        lineHasText = true;
      }
      if (!firstLineOver && lineHasText) {
        firstLine.write(b);
        firstLineOver = firstLine.size() >= LONGEST_FIRST_LINE;
      }
    }
  }

  private void endLine() {
    if (lineHasText) {
      lines++;
      firstLineOver = true;
    }
    lineHasText = false;
  }

  public long bytes() {
    return bytes;
  }

  /** Lines that are not blank, the last one without an end included. */
  public long lines() {
    return lines + (lineHasText ? 1 : 0);
  }

  /** Whether the first line that is not blank is a JSON object. */
  public boolean beginsWithJson() {
    return lines() > 0
        && (firstLine.size() >= LONGEST_FIRST_LINE || JsonLine.isObject(firstLine.toByteArray()));
  }

  /** What the file looks like where it holds no lines of JSON. */
  Optional<String> form() {
    return InputForm.of(head.toByteArray());
  }

  /** The first half of the SHA-256 hash of all bytes. */
  public String signature() {
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }
}
