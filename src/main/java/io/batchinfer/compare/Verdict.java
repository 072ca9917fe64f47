package io.batchinfer.compare;

import java.util.Locale;

/** How a row of one output stands to the row of the other with the same custom_id. */
public enum Verdict {
  /** Both have an answer, and the answers say the same. */
  SAME("same answer", false),
  /** Both have an answer, and the answers say something else. */
  CHANGED("another answer", true),
  /** Both failed for the same reason. */
  FAILED_ALIKE("failed alike", false),
  /** One has an answer and the other failed, or they failed for different reasons. */
  ENDED_OTHERWISE("ended otherwise", true),
  /** The second output has no such row. */
  ONLY_FIRST("only in the first", true),
  /** The first output has no such row. */
  ONLY_SECOND("only in the second", true);

  private final String words;
  private final boolean difference;

  Verdict(String words, boolean difference) {
    this.words = words;
    this.difference = difference;
  }

  /** As people read it. */
  public String words() {
    return words;
  }

  /** As it stands in the JSON object. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether outputs with such a row differ. */
  boolean isDifference() {
    return difference;
  }

  /** How two rows with one custom_id stand to each other. */
  static Verdict of(ComparedRow first, ComparedRow second) {
    if (first.isAnswered() && second.isAnswered()) {
      return first.answer().equals(second.answer()) ? SAME : CHANGED;
    }
    return first.ending().equals(second.ending()) ? FAILED_ALIKE : ENDED_OTHERWISE;
  }
}
