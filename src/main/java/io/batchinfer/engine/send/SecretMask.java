package io.batchinfer.engine.send;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Replaces secrets in what an endpoint echoes before it is stored. Knows a secret as it is and with
 * the slashes escaped that JSON writers may escape. Equal where it hides the same. Thread-safe;
 * never shows what it hides.
 */
final class SecretMask implements UnaryOperator<String> {
  private static final byte[] MASK = "***".getBytes(StandardCharsets.US_ASCII);

  /** Shorter values would hit ordinary words. */
  private static final int SHORTEST = 6;

  private final Set<String> secrets;
  private final List<byte[]> needles = new ArrayList<>();

  public SecretMask(List<String> secrets) {
    this.secrets = Set.copyOf(secrets);
    for (String secret : secrets) {
      if (secret.length() >= SHORTEST) {
        needles.add(secret.getBytes(StandardCharsets.UTF_8));
        if (secret.indexOf('/') >= 0) {
          needles.add(secret.replace("/", "\\/").getBytes(StandardCharsets.UTF_8));
        }
      }
    }
    // A secret that begins another must not be masked first: the other's rest would stay.
    needles.sort(Comparator.comparingInt((byte[] needle) -> needle.length).reversed());
  }

  /** The same bytes where no secret occurs, otherwise a copy without it. */
  public byte[] apply(byte[] bytes) {
    byte[] masked = bytes;
    for (byte[] needle : needles) {
      masked = without(needle, masked);
    }
    return masked;
  }

  /** In one pass: an endpoint may repeat a secret as often as an answer has room for it. */
  private static byte[] without(byte[] needle, byte[] bytes) {
    int at = indexOf(bytes, needle, 0);
    if (at < 0) {
      return bytes;
    }
    ByteArrayOutputStream masked = new ByteArrayOutputStream(bytes.length);
    int from = 0;
    while (at >= 0) {
      masked.write(bytes, from, at - from);
      masked.writeBytes(MASK);
      from = at + needle.length;
      at = indexOf(bytes, needle, from);
    }
    masked.write(bytes, from, bytes.length - from);
    return masked.toByteArray();
  }

  @Override
  public String apply(String text) {
    return needles.isEmpty()
        ? text
        : new String(apply(text.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
  }

  private static int indexOf(byte[] haystack, byte[] needle, int from) {
    byte first = needle[0];
    int last = haystack.length - needle.length;
    for (int i = from; i <= last; i++) {
      if (haystack[i] == first
          && Arrays.equals(haystack, i, i + needle.length, needle, 0, needle.length)) {
        return i;
      }
    }
    return -1;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof SecretMask mask && mask.secrets.equals(secrets);
  }

  @Override
  public int hashCode() {
    return secrets.hashCode();
  }

  @Override
  public String toString() {
    return "SecretMask[" + needles.size() + "]";
  }
}
