package io.batchinfer.docs;

import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * Makes the calls of Python on Spark's own classes: PySpark hands them on to those under the same
 * names. Only names that PySpark has are let through.
 *
 * @see <a href="https://spark.apache.org/docs/latest/api/python/reference/pyspark.sql/">PySpark</a>
 */
final class PySpark {
  /** What Python writes without parentheses. */
  private static final Set<String> PROPERTIES = Set.of("builder", "read", "widgets", "write");

  /** Methods of PySpark, by its reference. A name that is not used any more is to be taken out. */
  static final Set<String> METHODS =
      Set.of(
          "agg",
          "alias",
          "broadcast",
          "config",
          "createDataFrame",
          "createOrReplaceTempView",
          "crossJoin",
          "expr",
          "format",
          "format_number",
          "get",
          "getOrCreate",
          "join",
          "limit",
          "load",
          "mode",
          "option",
          "options",
          "orderBy",
          "parquet",
          "range",
          "save",
          "saveAsTable",
          "select",
          "selectExpr",
          "show",
          "sum",
          "table",
          "where",
          "withColumn");

  private static final int NO_FIT = 1_000;
  private static final int ROWS_SHOWN = 20;
  private static final int CHARACTERS_SHOWN = 20;

  private final Path files;
  private final StringBuilder shown = new StringBuilder();

  /**
   * @param files where the folders lie that the text names
   */
  PySpark(Path files) {
    this.files = files;
  }

  /** What was shown since this was asked last. */
  String shown() {
    String text = shown.toString();
    shown.setLength(0);
    return text;
  }

  /** A function of the notebook's own. */
  @Nullable Object function(String name, List<@Nullable Object> arguments) {
    if (name.equals("display") && arguments.get(0) instanceof Dataset<?> table) {
      table.collectAsList();
      return null;
    }
    throw new IllegalArgumentException("there is no function " + name);
  }

  @Nullable Object property(Object receiver, String name) {
    if (!PROPERTIES.contains(name)) {
      throw new IllegalArgumentException(name + " is not a property in PySpark");
    }
    return invoke(receiver, name, List.of());
  }

  @Nullable Object call(
      Object receiver,
      String name,
      List<@Nullable Object> positional,
      Map<String, @Nullable Object> keywords) {
    if (!METHODS.contains(name)) {
      throw new IllegalArgumentException(name + " is not known as a method of PySpark");
    }
    switch (name) {
      case "show" -> {
        boolean whole = Boolean.FALSE.equals(keywords.get("truncate"));
        int characters = whole ? 0 : CHARACTERS_SHOWN;
        Object table = invoke(receiver, "showString", List.of(ROWS_SHOWN, characters, false));
        shown.append(table).append('\n');
        return null;
      }
      case "options" -> {
        Object writer = receiver;
        for (Map.Entry<String, @Nullable Object> option : keywords.entrySet()) {
          writer =
              invoke(
                  receiver, "option", List.of(option.getKey(), String.valueOf(option.getValue())));
        }
        return writer;
      }
      case "createDataFrame" -> {
        return ((SparkSession) receiver)
            .createDataFrame(
                rows(positional.get(0)), StructType.fromDDL((String) positional.get(1)));
      }
      case "save", "load", "parquet" -> {
        String folder = ((String) positional.get(0)).replaceFirst("^\\w+://", "");
        return invoke(receiver, name, List.of(files.resolve(folder).toString()));
      }
      case "saveAsTable" -> {
        String path = files.resolve((String) positional.get(0)).toString();
        invoke(receiver, "option", List.of("path", path));
        return invoke(receiver, name, positional);
      }
      default -> {
        if (!keywords.isEmpty()) {
          throw new IllegalArgumentException(name + " takes no such keywords: " + keywords);
        }
        return invoke(receiver, name, positional);
      }
    }
  }

  private static List<Row> rows(@Nullable Object tuples) {
    List<Row> rows = new ArrayList<>();
    for (Object tuple : (List<?>) Optional.ofNullable(tuples).orElseThrow()) {
      rows.add(RowFactory.create(((List<?>) tuple).toArray()));
    }
    return rows;
  }

  private static @Nullable Object invoke(
      Object receiver, String name, List<? extends @Nullable Object> given) {
    Class<?> type = receiver instanceof Class<?> itself ? itself : receiver.getClass();
    Method method =
        Stream.of(type.getMethods())
            .filter(each -> each.getName().equals(name) && cost(each, given) < NO_FIT)
            .min(Comparator.comparingInt(each -> cost(each, given)))
            .orElseThrow(
                () -> new IllegalArgumentException(type + " takes no " + name + " of " + given));
    try {
      return method.invoke(receiver instanceof Class<?> ? null : receiver, fitted(method, given));
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(name + " of " + given, e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How many arguments have to be made into something else. */
  private static int cost(Method method, List<? extends @Nullable Object> given) {
    Class<?>[] types = method.getParameterTypes();
    int fixed = method.isVarArgs() ? types.length - 1 : types.length;
    if (method.isVarArgs() ? given.size() < fixed : given.size() != fixed) {
      return NO_FIT;
    }
    int cost = method.isVarArgs() ? 1 : 0;
    for (int i = 0; i < given.size(); i++) {
      cost += cost(i < fixed ? types[i] : types[fixed].getComponentType(), given.get(i));
    }
    return cost;
  }

  private static int cost(Class<?> type, @Nullable Object value) {
    if (type.isInstance(value)) {
      return 0;
    }
    if (value instanceof String && type == Column.class) {
      return 2; // a name stands for its column
    }
    if (value instanceof Integer && (type == int.class || type == long.class)) {
      return 0;
    }
    if (value instanceof Boolean) {
      return type == boolean.class ? 0 : NO_FIT;
    }
    return value instanceof Double && type == double.class ? 0 : NO_FIT;
  }

  private static @Nullable Object[] fitted(Method method, List<? extends @Nullable Object> given) {
    Class<?>[] types = method.getParameterTypes();
    int fixed = method.isVarArgs() ? types.length - 1 : types.length;
    @Nullable Object[] all = new @Nullable Object[types.length];
    for (int i = 0; i < fixed; i++) {
      all[i] = fitted(types[i], given.get(i));
    }
    if (method.isVarArgs()) {
      Class<?> type = types[fixed].getComponentType();
      Object rest = Array.newInstance(type, given.size() - fixed);
      for (int i = fixed; i < given.size(); i++) {
        Array.set(rest, i - fixed, fitted(type, given.get(i)));
      }
      all[fixed] = rest;
    }
    return all;
  }

  private static @Nullable Object fitted(Class<?> type, @Nullable Object value) {
    return value instanceof String name && type == Column.class ? functions.col(name) : value;
  }
}
