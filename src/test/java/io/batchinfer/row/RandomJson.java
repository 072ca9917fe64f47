package io.batchinfer.row;

import java.util.Random;

/** Random JSON texts, pretty-printed at random, in every Unicode plane. */
final class RandomJson {
  private static final String[] NUMBERS = {
    "0",
    "-0",
    "1.0",
    "1.10",
    "1e5",
    "1E+05",
    "-12.340e-2",
    "12345678901234567890",
    "0.1000000000000000055"
  };

  private final Random random;

  RandomJson(long seed) {
    random = new Random(seed);
  }

  String value(int depth) {
    StringBuilder out = new StringBuilder();
    write(out, depth);
    return out.toString();
  }

  private void write(StringBuilder out, int depth) {
    space(out);
    switch (random.nextInt(depth > 0 ? 7 : 5)) {
      case 0 -> out.append("null");
      case 1 -> out.append(random.nextBoolean());
      case 2 -> out.append(NUMBERS[random.nextInt(NUMBERS.length)]);
      case 3, 4 -> text(out);
      case 5 -> {
        out.append('[');
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
          out.append(i > 0 ? "," : "");
          write(out, depth - 1);
        }
        space(out);
        out.append(']');
      }
      default -> {
        out.append('{');
        int size = random.nextInt(4);
        for (int i = 0; i < size; i++) {
          out.append(i > 0 ? "," : "");
          space(out);
          text(out);
          space(out);
          out.append(':');
          write(out, depth - 1);
        }
        space(out);
        out.append('}');
      }
    }
    space(out);
  }

  private void space(StringBuilder out) {
    for (int i = random.nextInt(3); i > 0; i--) {
      out.append(" \t\n\r".charAt(random.nextInt(4)));
    }
  }

  private void text(StringBuilder out) {
    out.append('"');
    for (int i = random.nextInt(12); i > 0; i--) {
      switch (random.nextInt(8)) {
        case 0 -> out.append("\\n");
        case 1 -> out.append("\\\"");
        case 2 -> out.append("\\\\");
        case 3 -> out.append("\\u%04X".formatted(0x20 + random.nextInt(0x2000)));
        case 4 -> out.appendCodePoint(0x80 + random.nextInt(0xD000));
        case 5 -> out.appendCodePoint(0x10000 + random.nextInt(0x100000));
        case 6 -> out.append("{}[]:, \u007f\u2028".charAt(random.nextInt(9)));
        default -> out.append((char) ('a' + random.nextInt(26)));
      }
    }
    out.append('"');
  }
}
