package io.batchinfer.store;

/** Texts of callers in messages. */
public final class Texts {
  private static final int LONGEST = 100;

  private Texts() {}

  /** A text that may be anything, cut and without control characters. */
  public static String shown(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", "?");
    return plain.length() <= LONGEST ? plain : plain.substring(0, LONGEST) + "…";
  }
}
