package io.batchinfer.remote;

import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code custom_id} that a row has at a provider: its split and its line there, so that
 * whatever ids the input has, a provider takes them and no two are equal.
 */
public final class RowName {
  private static final Pattern FORM = Pattern.compile("r([0-9]{1,9})-([0-9]{1,9})");

  private RowName() {}

  /**
   * The name of a row.
   *
   * @param key split in its upper half, line in that in the lower
   */
  public static String of(long key) {
    return "r" + (int) (key >>> Integer.SIZE) + "-" + (int) key;
  }

  public static long key(int split, int line) {
    return (long) split << Integer.SIZE | line;
  }

  /** The key of a name; empty for a name that is none of ours. */
  public static OptionalLong keyOf(String name) {
    Matcher matcher = FORM.matcher(name);
    return matcher.matches()
        ? OptionalLong.of(
            key(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
        : OptionalLong.empty();
  }
}
