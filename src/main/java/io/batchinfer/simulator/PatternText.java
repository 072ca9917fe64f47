package io.batchinfer.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A text that a regular expression matches, for what schemas are written with: literals, classes,
 * groups, alternatives and counts. What it says is checked by the expression itself, so that an
 * expression beyond it gives no text rather than a wrong one. Not thread-safe.
 */
final class PatternText {
  private static final int MOST_REPEATS = 3;
  private static final int LONGEST = 1_000;
  private static final int MOST_DEPTH = 50;
  private static final int MOST_STEPS = 100_000;
  private static final String DIGITS = "0123456789";
  private static final String LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  private static final String WORD = LETTERS + DIGITS + "_";
  private static final String PUNCTUATION = "-.,:;!?@#%&/()[]{}+*='\"<>|~^$\\`";
  private static final String PRINTABLE = WORD + " " + PUNCTUATION;
  private static final String TYPICAL = LETTERS + DIGITS;

  private final String pattern;
  private int at;
  private long bits;
  private int steps;

  private PatternText(String pattern, long bits) {
    this.pattern = pattern;
    this.bits = bits;
  }

  /** Thrown for an expression that is beyond this class. */
  private static final class Beyond extends RuntimeException {
    private static final long serialVersionUID = 1;

    Beyond() {
      super("an expression that is beyond this", null, false, false);
    }
  }

  static Optional<String> of(String pattern, long bits) {
    try {
      Pattern check = Pattern.compile(pattern);
      PatternText reader = new PatternText(pattern, bits);
      String text = reader.alternatives(0);
      boolean whole = reader.at == pattern.length();
      return whole && text.length() <= LONGEST && check.matcher(text).find()
          ? Optional.of(text)
          : Optional.empty();
    } catch (PatternSyntaxException
        | IndexOutOfBoundsException
        | NumberFormatException
        | Beyond e) {
      return Optional.empty();
    }
  }

  private int below(int bound) {
    bits = Mix.mix(bits, 11);
    return Mix.below(bits, bound);
  }

  private String alternatives(int depth) {
    if (depth > MOST_DEPTH) {
      throw new Beyond();
    }
    List<String> found = new ArrayList<>(List.of(sequence(depth)));
    while (at < pattern.length() && pattern.charAt(at) == '|') {
      at++;
      found.add(sequence(depth));
    }
    return found.get(below(found.size()));
  }

  private String sequence(int depth) {
    StringBuilder text = new StringBuilder();
    while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
      int from = at;
      String once = atom(depth);
      int until = at;
      int[] counts = counts();
      int behind = at;
      int times = counts[0] + below(counts[1] - counts[0] + 1);
      for (int i = 0; i < times && text.length() <= LONGEST; i++) {
        text.append(i == 0 ? once : again(from, until, depth));
      }
      at = behind;
    }
    return text.toString();
  }

  /** Another text of the same part, so that repeats differ. */
  private String again(int from, int until, int depth) {
    at = from;
    String text = atom(depth);
    if (at != until) {
      throw new Beyond();
    }
    return text;
  }

  private String atom(int depth) {
    if (++steps > MOST_STEPS) {
      throw new Beyond();
    }
    char c = pattern.charAt(at++);
    return switch (c) {
      case '^', '$' -> "";
      case '.' -> oneOf(TYPICAL);
      case '(' -> group(depth);
      case '[' -> oneOf(characterClass());
      case '\\' -> escape();
      case '*', '+', '?', '{' -> throw new Beyond();
      default -> String.valueOf(c);
    };
  }

  private String oneOf(String characters) {
    if (characters.isEmpty()) {
      throw new Beyond();
    }
    return String.valueOf(characters.charAt(below(characters.length())));
  }

  private String group(int depth) {
    if (pattern.startsWith("?:", at)) {
      at += 2;
    } else if (pattern.startsWith("?<", at)
        && !pattern.startsWith("?<=", at)
        && !pattern.startsWith("?<!", at)) {
      at = pattern.indexOf('>', at) + 1;
    } else if (pattern.startsWith("?", at)) {
      throw new Beyond();
    }
    String text = alternatives(depth + 1);
    at++;
    return text;
  }

  private String escape() {
    char c = pattern.charAt(at++);
    return switch (c) {
      case 'b', 'B', 'A', 'z', 'Z' -> "";
      case 'u' -> String.valueOf(hexadecimal(4));
      case 'x' -> String.valueOf(hexadecimal(2));
      default -> oneOf(escaped(c));
    };
  }

  private char hexadecimal(int digits) {
    at += digits;
    return (char) Integer.parseInt(pattern.substring(at - digits, at), 16);
  }

  private static String escaped(char c) {
    return switch (c) {
      case 'd' -> DIGITS;
      case 'w' -> WORD;
      case 's' -> " ";
      case 'D' -> LETTERS;
      case 'W' -> PUNCTUATION;
      case 'S' -> TYPICAL;
      case 'n' -> "\n";
      case 't' -> "\t";
      case 'r' -> "\r";
      default -> {
        if (Character.isLetterOrDigit(c)) {
          throw new Beyond();
        }
        yield String.valueOf(c);
      }
    };
  }

  private String characterClass() {
    boolean negated = pattern.charAt(at) == '^';
    at += negated ? 1 : 0;
    StringBuilder members = new StringBuilder();
    boolean first = true;
    while (first || pattern.charAt(at) != ']') {
      first = false;
      String member = member();
      if (member.length() == 1 && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
        at++;
        String last = member();
        for (char c = member.charAt(0); c < last.charAt(0) && members.length() < LONGEST; c++) {
          members.append(c);
        }
        members.append(last);
      } else {
        members.append(member);
      }
    }
    at++;
    if (!negated) {
      return members.toString();
    }
    StringBuilder others = new StringBuilder();
    PRINTABLE
        .chars()
        .filter(c -> members.indexOf(String.valueOf((char) c)) < 0)
        .forEach(c -> others.append((char) c));
    return others.toString();
  }

  private String member() {
    char c = pattern.charAt(at++);
    if (c == '[' || (c == '&' && pattern.charAt(at) == '&')) {
      throw new Beyond();
    }
    if (c != '\\') {
      return String.valueOf(c);
    }
    char escaped = pattern.charAt(at++);
    return switch (escaped) {
      case 'u' -> String.valueOf(hexadecimal(4));
      case 'x' -> String.valueOf(hexadecimal(2));
      default -> escaped(escaped);
    };
  }

  /** How often the part before may stand, from and to. */
  private int[] counts() {
    int[] counts = {1, 1};
    if (at < pattern.length()) {
      char c = pattern.charAt(at);
      if (c == '*' || c == '+' || c == '?') {
        at++;
        counts = new int[] {c == '+' ? 1 : 0, c == '?' ? 1 : MOST_REPEATS};
      } else if (c == '{') {
        int end = pattern.indexOf('}', at);
        String[] bounds = pattern.substring(at + 1, end).split(",", -1);
        at = end + 1;
        int least = bounds[0].isEmpty() ? 0 : Math.min(Integer.parseInt(bounds[0]), LONGEST);
        int most = least;
        if (bounds.length > 1) {
          most =
              bounds[1].isEmpty()
                  ? least + MOST_REPEATS
                  : Math.min(Integer.parseInt(bounds[1]), least + MOST_REPEATS);
        }
        counts = new int[] {least, Math.max(least, most)};
      }
      if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == '+')) {
        at++;
      }
    }
    return counts;
  }
}
