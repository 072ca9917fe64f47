package io.batchinfer.model;

import java.io.Serializable;

/**
 * 128 bits of a hash, as two longs. Sums are taken modulo 2^128 so that a set of rows has one sum
 * whatever the order it is added in.
 */
public record Hash128(long high, long low) implements Comparable<Hash128>, Serializable {
  public static final Hash128 ZERO = new Hash128(0, 0);

  public Hash128 plus(Hash128 other) {
    long sum = low + other.low;
    long carry = Long.compareUnsigned(sum, low) < 0 ? 1 : 0;
    return new Hash128(high + other.high + carry, sum);
  }

  /** 32 lower-case hexadecimal digits. */
  public String hex() {
    return "%016x%016x".formatted(high, low);
  }

  public static Hash128 ofHex(String hex) {
    if (hex.length() != 32) {
      throw new IllegalArgumentException(
          "a 128-bit hash has 32 hexadecimal digits, not \"" + hex + "\"");
    }
    return new Hash128(
        Long.parseUnsignedLong(hex.substring(0, 16), 16),
        Long.parseUnsignedLong(hex.substring(16), 16));
  }

  @Override
  public int compareTo(Hash128 other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }
}
