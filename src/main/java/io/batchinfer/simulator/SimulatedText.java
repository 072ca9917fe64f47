package io.batchinfer.simulator;

/** Text of about a given number of tokens that says it is simulated. */
final class SimulatedText {
  private static final String OPENING = "Simulated answer:";
  private static final String[] WORDS = {
    "the", "model", "would", "say", "that", "this", "row", "was", "read", "and", "counted", "once",
    "while", "other", "rows", "wait", "their", "turn", "in", "order", "until", "all", "are", "done",
    "with", "care", "no", "meaning", "is", "meant", "here", "today"
  };

  private SimulatedText() {}

  static String of(long seed, int tokens) {
    StringBuilder text = new StringBuilder(OPENING.length() + 5 * tokens).append(OPENING);
    long bits = seed;
    for (int i = 0; i < tokens; i++) {
      if (i % 12 == 0) {
        bits = Mix.mix(seed, i);
      }
      text.append(' ').append(WORDS[(int) (bits & 31)]);
      bits >>>= 5;
    }
    return text.append('.').toString();
  }

  /** The words need no escaping. */
  static String asJson(String words) {
    return "{\"simulated\": true, \"answer\": \"" + words + "\"}";
  }
}
