package io.batchinfer.config;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes in bytes as people type them: {@code 64MiB}, {@code 100MB}, {@code 512}. */
public final class ByteSizes {
  static final String ACCEPTED =
      "give a number of bytes, or a number with kB, MB, GB (powers of 1000) or KiB, MiB, GiB, k, m,"
          + " g (powers of 1024), such as 64MiB";

  private static final Pattern SHAPE = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?)\\s*([a-z]*)");
  private static final long KIB = 1024;
  private static final long MIB = KIB * KIB;
  private static final long GIB = KIB * MIB;
  private static final Map<String, Long> UNITS =
      Map.ofEntries(
          Map.entry("", 1L),
          Map.entry("b", 1L),
          Map.entry("kb", 1_000L),
          Map.entry("mb", 1_000_000L),
          Map.entry("gb", 1_000_000_000L),
          Map.entry("k", KIB),
          Map.entry("m", MIB),
          Map.entry("g", GIB),
          Map.entry("kib", KIB),
          Map.entry("mib", MIB),
          Map.entry("gib", GIB));

  private ByteSizes() {}

  /**
   * Reads a size in bytes.
   *
   * @throws IllegalArgumentException with words for the user when the text is not one
   */
  public static long parse(String text) {
    try {
      return read(text);
    } catch (InvalidValue e) {
      throw new IllegalArgumentException(e.words(), e);
    }
  }

  static long read(String text) throws InvalidValue {
    Matcher shape = SHAPE.matcher(text.strip().toLowerCase(Locale.ROOT));
    Long unit = shape.matches() ? UNITS.get(shape.group(2)) : null;
    if (unit == null) {
      throw InvalidValue.of(text, "is not a size", ACCEPTED);
    }
    BigDecimal bytes = new BigDecimal(shape.group(1)).multiply(BigDecimal.valueOf(unit));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw InvalidValue.of(text, "is too large a size", ACCEPTED);
    }
    return bytes.longValue();
  }

  /** The shortest text that {@link #parse} reads as the same size. */
  public static String format(long bytes) {
    if (bytes == 0) {
      return "0";
    }
    if (bytes % GIB == 0) {
      return bytes / GIB + "GiB";
    }
    if (bytes % MIB == 0) {
      return bytes / MIB + "MiB";
    }
    if (bytes % KIB == 0) {
      return bytes / KIB + "KiB";
    }
    return bytes % 1_000_000 == 0 ? bytes / 1_000_000 + "MB" : Long.toString(bytes);
  }
}
