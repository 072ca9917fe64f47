package io.batchinfer.docs;

import io.batchinfer.docs.PythonTokens.Kind;
import io.batchinfer.docs.PythonTokens.Token;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * Reads Python that calls Spark, and has each call made by {@link PySpark}. Knows imports of
 * PySpark, assignments, calls and literals; anything else is an error.
 */
final class PythonCalls {
  private static final Map<String, Object> IMPORTED =
      Map.of(
          "pyspark.sql.SparkSession", SparkSession.class, "pyspark.sql.functions", functions.class);

  private final PySpark spark;
  private final Map<String, @Nullable Object> names = new TreeMap<>();
  private List<Token> tokens = List.of();
  private int at;

  PythonCalls(PySpark spark) {
    this.spark = spark;
  }

  /** Makes a name known, as the place where the text runs does. */
  void define(String name, Object value) {
    names.put(name, value);
  }

  void run(String python) {
    for (List<Token> statement : PythonTokens.statements(python)) {
      tokens = statement;
      at = 0;
      if (takes("from")) {
        importNames();
      } else if (tokens.get(0).kind() == Kind.NAME && tokens.get(1).is("=")) {
        String name = tokens.get(0).text();
        at = 2;
        names.put(name, expression());
      } else {
        expression();
      }
      expect(Kind.END);
    }
  }

  private void importNames() {
    StringBuilder module = new StringBuilder(expect(Kind.NAME));
    while (takes(".")) {
      module.append('.').append(expect(Kind.NAME));
    }
    need("import");
    do {
      String name = expect(Kind.NAME);
      Object imported = IMPORTED.get(module + "." + name);
      if (imported == null) {
        throw new IllegalArgumentException("no such import: " + module + "." + name);
      }
      names.put(takes("as") ? expect(Kind.NAME) : name, imported);
    } while (takes(","));
  }

  private @Nullable Object expression() {
    Object value;
    if (token().kind() == Kind.NAME && tokens.get(at + 1).is("(")) {
      String function = expect(Kind.NAME);
      value = call(null, function);
    } else {
      value = atom();
    }
    while (takes(".")) {
      String member = expect(Kind.NAME);
      value = token().is("(") ? call(value, member) : spark.property(known(value, member), member);
    }
    return value;
  }

  private @Nullable Object call(@Nullable Object receiver, String name) {
    need("(");
    List<@Nullable Object> positional = new ArrayList<>();
    Map<String, @Nullable Object> keywords = new LinkedHashMap<>();
    while (!takes(")")) {
      if (takes("**")) {
        asDictionary(expression()).forEach((key, value) -> keywords.put((String) key, value));
      } else if (token().kind() == Kind.NAME && tokens.get(at + 1).is("=")) {
        String keyword = expect(Kind.NAME);
        need("=");
        keywords.put(keyword, expression());
      } else {
        positional.add(expression());
      }
      if (!token().is(")")) {
        need(",");
      }
    }
    return receiver == null
        ? spark.function(name, positional)
        : spark.call(receiver, name, positional, keywords);
  }

  private @Nullable Object atom() {
    Token first = token();
    at++;
    return switch (first.kind()) {
      case STRING -> {
        StringBuilder text = new StringBuilder(first.text());
        while (token().kind() == Kind.STRING) {
          text.append(expect(Kind.STRING));
        }
        yield text.toString();
      }
      case NUMBER ->
          first.text().contains(".")
              ? (Object) Double.valueOf(first.text())
              : Integer.valueOf(first.text());
      case NAME -> named(first.text());
      case SIGN ->
          switch (first.text()) {
            case "(" -> parenthesized();
            case "[" -> items("]");
            case "{" -> dictionary();
            default -> throw unexpected(first);
          };
      case END -> throw unexpected(first);
    };
  }

  private @Nullable Object named(String name) {
    return switch (name) {
      case "True" -> true;
      case "False" -> false;
      case "None" -> null;
      default -> {
        if (!names.containsKey(name)) {
          throw new IllegalArgumentException("the name is not defined: " + name);
        }
        yield names.get(name);
      }
    };
  }

  /** An expression in parentheses, or a tuple where there is a comma. */
  private @Nullable Object parenthesized() {
    Object first = expression();
    if (takes(")")) {
      return first;
    }
    need(",");
    List<@Nullable Object> tuple = new ArrayList<>();
    tuple.add(first);
    tuple.addAll(items(")"));
    return tuple;
  }

  private List<@Nullable Object> items(String close) {
    List<@Nullable Object> items = new ArrayList<>();
    while (!takes(close)) {
      items.add(expression());
      if (!token().is(close)) {
        need(",");
      }
    }
    return items;
  }

  private Map<@Nullable Object, @Nullable Object> dictionary() {
    Map<@Nullable Object, @Nullable Object> entries = new LinkedHashMap<>();
    while (!takes("}")) {
      Object key = expression();
      need(":");
      entries.put(key, expression());
      if (!token().is("}")) {
        need(",");
      }
    }
    return entries;
  }

  private static Map<?, ?> asDictionary(@Nullable Object value) {
    if (value instanceof Map<?, ?> dictionary) {
      return dictionary;
    }
    throw new IllegalArgumentException("** needs a dictionary, and not " + value);
  }

  private static Object known(@Nullable Object receiver, String member) {
    if (receiver == null) {
      throw new IllegalArgumentException("None has no " + member);
    }
    return receiver;
  }

  private Token token() {
    return tokens.get(at);
  }

  private boolean takes(String sign) {
    boolean there = token().is(sign);
    at += there ? 1 : 0;
    return there;
  }

  private void need(String sign) {
    if (!takes(sign)) {
      throw unexpected(token());
    }
  }

  private String expect(Kind kind) {
    if (token().kind() != kind) {
      throw unexpected(token());
    }
    return tokens.get(at++).text();
  }

  private IllegalArgumentException unexpected(Token token) {
    return new IllegalArgumentException("unexpected " + token.text() + " in " + tokens);
  }
}
