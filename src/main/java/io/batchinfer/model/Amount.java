package io.batchinfer.model;

import java.util.Locale;

/** A number of things, as a sentence says it. */
public final class Amount {
  private Amount() {}

  /**
   * {@code 1 request}, {@code 0 requests}, {@code 3,600 requests}.
   *
   * @param one the thing in the singular
   */
  public static String of(long number, String one) {
    return of(number, one, one + "s");
  }

  /**
   * The same for a thing whose plural is not the singular and an s.
   *
   * @param one the thing in the singular, with what follows it
   * @param many the thing in the plural, with what follows it
   */
  public static String of(long number, String one, String many) {
    return String.format(Locale.ROOT, "%,d %s", number, number == 1 ? one : many);
  }
}
