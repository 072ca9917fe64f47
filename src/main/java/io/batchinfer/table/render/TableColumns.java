package io.batchinfer.table.render;

import io.batchinfer.config.Suggestions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/** Finds the columns of a table, and the fields of its structs, by the names that users write. */
final class TableColumns {
  private static final int MOST_LISTED = 50;

  private final StructType schema;
  private final boolean caseSensitive;

  TableColumns(StructType schema, boolean caseSensitive) {
    this.schema = schema;
    this.caseSensitive = caseSensitive;
  }

  /**
   * A column that was found.
   *
   * @param path its name as the table has it, and those of fields in it
   */
  record Found(List<String> path, Column column, DataType type) {
    Found(String name, Column column, DataType type) {
      this(List.of(name), column, type);
    }

    Found {
      path = List.copyOf(path);
    }

    String name() {
      return String.join(".", path);
    }

    Found in(String part, Column column, DataType type) {
      return new Found(Stream.concat(path.stream(), Stream.of(part)).toList(), column, type);
    }
  }

  /**
   * The column or field of that name.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if there is none, or more than one
   */
  Found find(String flag, ColumnName name) {
    List<StructField> whole =
        name.quoted() || name.parts().size() == 1 ? List.of() : named(schema, name.plain());
    List<StructField> first = named(schema, name.parts().get(0));
    if (whole.size() + first.size() > 1) {
      throw whole.isEmpty() || first.isEmpty()
          ? twice(flag, name.parts().size() > 1 && first.isEmpty() ? whole : first)
          : usage(
              "\"%s\" of %s is a column with a dot in its name, and could be a field of the column \"%s\". Write `%s` in back quotes for the column, or `%s`.… for the field."
                  .formatted(
                      name.written(),
                      flag,
                      first.get(0).name(),
                      name.plain(),
                      first.get(0).name()));
    }
    if (!whole.isEmpty()) {
      return top(whole.get(0));
    }
    if (first.isEmpty()) {
      throw unknown(flag, name.parts().get(0), name.written(), schema, "The table");
    }
    Found found = top(first.get(0));
    for (String part : name.parts().subList(1, name.parts().size())) {
      found = field(flag, name, found, part);
    }
    return found;
  }

  /** Whether a column has exactly that name. */
  boolean has(String name) {
    return !named(schema, name).isEmpty();
  }

  /**
   * The column of the table with that name, which may be in back quotes.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if there is none, or more than one
   */
  Found findColumn(String flag, String written) {
    List<StructField> exact = named(schema, written);
    String name = written;
    if (exact.isEmpty()) {
      Optional<ColumnName> parsed = ColumnName.parse(written).filter(ColumnName::quoted);
      if (parsed.isPresent() && parsed.get().parts().size() == 1) {
        name = parsed.get().plain();
        exact = named(schema, name);
      }
    }
    if (exact.isEmpty()) {
      throw unknown(flag, name, written, schema, "The table");
    }
    if (exact.size() > 1) {
      throw twice(flag, exact);
    }
    return top(exact.get(0));
  }

  private Found field(String flag, ColumnName name, Found parent, String part) {
    if (parent.type() instanceof StructType struct) {
      List<StructField> fields = named(struct, part);
      if (fields.isEmpty()) {
        throw unknown(flag, part, name.written(), struct, "The struct \"" + parent.name() + "\"");
      }
      if (fields.size() > 1) {
        throw twice(flag, fields);
      }
      StructField field = fields.get(0);
      return parent.in(field.name(), parent.column().getField(field.name()), field.dataType());
    }
    if (parent.type() instanceof MapType map && map.keyType() instanceof StringType) {
      return new Found(parent.name() + "." + part, parent.column().getItem(part), map.valueType());
    }
    throw usage(
        "\"%s\" of %s names a field of \"%s\", which is of the type %s and has none."
            .formatted(name.written(), flag, parent.name(), parent.type().sql()));
  }

  private static Found top(StructField field) {
    return new Found(
        field.name(), functions.col("`" + field.name().replace("`", "``") + "`"), field.dataType());
  }

  private List<StructField> named(StructType type, String name) {
    return Stream.of(type.fields())
        .filter(
            field ->
                caseSensitive ? field.name().equals(name) : field.name().equalsIgnoreCase(name))
        .toList();
  }

  private BatchException twice(String flag, List<StructField> fields) {
    List<String> names = fields.stream().map(StructField::name).toList();
    return usage(
        "The column that %s names is there %s: %s. Rename or drop all but one; a join with a list of column names keeps one of each."
            .formatted(
                flag,
                fields.size() == 2 ? "twice" : fields.size() + " times",
                listed(names) + (caseSensitive ? "" : " (spark.sql.caseSensitive is false)")));
  }

  private static BatchException unknown(
      String flag, String part, String written, StructType in, String owner) {
    List<String> names = List.of(in.fieldNames());
    return usage(
        "%s has no column \"%s\", which %s names%s.%s Its columns: %s."
            .formatted(
                owner,
                part,
                flag,
                written.equals(part) ? "" : " as \"" + written + "\"",
                Suggestions.didYouMean(part, names),
                names.isEmpty() ? "none" : listed(names)));
  }

  private static String listed(List<String> names) {
    List<String> shown = new ArrayList<>(names.subList(0, Math.min(MOST_LISTED, names.size())));
    if (names.size() > shown.size()) {
      shown.add("and " + (names.size() - shown.size()) + " more");
    }
    return String.join(", ", shown);
  }

  private static BatchException usage(String message) {
    return new BatchException(ErrorCode.USAGE, message);
  }
}
