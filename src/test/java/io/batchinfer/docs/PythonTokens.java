package io.batchinfer.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tokens of a Python text. Knows plain strings, numbers, names and the signs of calls and
 * displays; anything else is an error. A line ends a statement unless a bracket is open.
 */
final class PythonTokens {
  enum Kind {
    NAME,
    NUMBER,
    STRING,
    SIGN,
    END
  }

  record Token(Kind kind, String text) {
    boolean is(String sign) {
      return (kind == Kind.SIGN || kind == Kind.NAME) && text.equals(sign);
    }
  }

  private static final Token END = new Token(Kind.END, "end of the statement");
  private static final Pattern TOKEN =
      Pattern.compile(
          "(?<space>[ \\t]+|#[^\\n]*|\\\\\\n)"
              + "|(?<line>\\n)"
              + "|(?<name>[A-Za-z_]\\w*)"
              + "|(?<number>\\d+(\\.\\d+)?)"
              + "|(?<long>\"\"\"(?<inLong>.*?)\"\"\")"
              + "|(?<short>\"(?<inShort>(?:[^\"\\\\\\n]|\\\\.)*)\")"
              + "|(?<sign>\\*\\*|[()\\[\\]{}.,:=])",
          Pattern.DOTALL);

  private PythonTokens() {}

  /** The statements, each ending with a token of the kind {@link Kind#END}. */
  static List<List<Token>> statements(String python) {
    List<List<Token>> statements = new ArrayList<>();
    List<Token> current = new ArrayList<>();
    Matcher next = TOKEN.matcher(python);
    int open = 0;
    int at = 0;
    while (at < python.length()) {
      if (!next.find() || next.start() != at) {
        throw new IllegalArgumentException("not known: " + python.substring(at));
      }
      at = next.end();
      if (next.group("space") != null && current.isEmpty() && !next.group().startsWith("#")) {
        throw new IllegalArgumentException("indented: " + python.substring(next.start()));
      }
      if (next.group("sign") != null) {
        open += "([{".contains(next.group()) ? 1 : ")]}".contains(next.group()) ? -1 : 0;
      }
      if (next.group("line") != null && open == 0) {
        end(current, statements);
        current = new ArrayList<>();
      } else if (next.group("line") == null && next.group("space") == null) {
        current.add(token(next));
      }
    }
    end(current, statements);
    return statements;
  }

  private static void end(List<Token> statement, List<List<Token>> statements) {
    if (!statement.isEmpty()) {
      statement.add(END);
      statements.add(statement);
    }
  }

  private static Token token(Matcher found) {
    if (found.group("name") != null) {
      return new Token(Kind.NAME, found.group());
    }
    if (found.group("number") != null) {
      return new Token(Kind.NUMBER, found.group());
    }
    if (found.group("sign") != null) {
      return new Token(Kind.SIGN, found.group());
    }
    String quoted = found.group("long") != null ? found.group("inLong") : found.group("inShort");
    return new Token(Kind.STRING, quoted.translateEscapes());
  }
}
