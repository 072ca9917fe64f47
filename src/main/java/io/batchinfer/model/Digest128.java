package io.batchinfer.model;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * Computes 128-bit hashes: SHA-256 cut to its first half, so that nobody can construct two rows
 * with one hash. Not thread-safe; every thread makes its own.
 */
public final class Digest128 {
  private final MessageDigest sha256 = newSha256();
  private final byte[] number = new byte[Long.BYTES];

  public Digest128 add(byte[] bytes, int offset, int length) {
    sha256.update(bytes, offset, length);
    return this;
  }

  public Digest128 add(byte[] bytes) {
    sha256.update(bytes);
    return this;
  }

  public Digest128 add(long value) {
    for (int i = 0; i < Long.BYTES; i++) {
      number[i] = (byte) (value >>> (56 - 8 * i));
    }
    sha256.update(number);
    return this;
  }

  /** Adds the length and the UTF-8 bytes, so that neighbouring texts cannot run together. */
  public Digest128 add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return add(bytes.length).add(bytes);
  }

  /** The hash of what was added since the last call. */
  public Hash128 finish() {
    byte[] digest = sha256.digest();
    return new Hash128(longAt(digest, 0), longAt(digest, Long.BYTES));
  }

  private static long longAt(byte[] bytes, int offset) {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = (value << 8) | (bytes[offset + i] & 0xff);
    }
    return value;
  }

  private static MessageDigest newSha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
