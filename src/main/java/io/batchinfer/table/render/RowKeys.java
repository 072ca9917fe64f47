package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.table.render.TableColumns.Found;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** The key columns with their places in the projected row. Immutable. */
final class RowKeys implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final String FLAG = "--key";
  private static final Pattern COMMA = Pattern.compile(",");

  private final StructType types;
  private final @Nullable KeyText text;
  private final int[] places;

  private RowKeys(StructType types, @Nullable KeyText text, int[] places) {
    this.types = types;
    this.text = text;
    this.places = places;
  }

  /**
   * Gives the key columns their places; none where no names are given.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if one is not there or cannot be a key
   */
  static RowKeys of(List<String> names, TableColumns columns, Projection projection) {
    List<StructField> fields = new ArrayList<>();
    List<Column> values = new ArrayList<>();
    for (String name : apart(names, columns)) {
      Found found = columns.findColumn(FLAG, name);
      StructField field = DataTypes.createStructField(found.name(), found.type(), true);
      if (fields.contains(field)) {
        throw new BatchException(
            ErrorCode.USAGE,
            "The column \"%s\" is named by %s twice. Name it once.".formatted(found.name(), FLAG));
      }
      fields.add(field);
      values.add(found.column());
    }
    StructType types = DataTypes.createStructType(fields);
    KeyText text = fields.isEmpty() ? null : KeyText.of(types);
    return new RowKeys(types, text, values.stream().mapToInt(projection::add).toArray());
  }

  /** Several columns may stand in one text, unless that is the name of one. */
  private static List<String> apart(List<String> names, TableColumns columns) {
    return names.stream()
        .flatMap(
            name ->
                columns.has(name) ? Stream.of(name) : COMMA.splitAsStream(name).map(String::strip))
        .toList();
  }

  /** Names and types of the columns, in their order; none where there is no key. */
  StructType types() {
    return types;
  }

  /** The text of a row's key; null where there is no key. */
  @Nullable String of(InternalRow row) throws Unsendable {
    if (text == null) {
      return null;
    }
    @Nullable Object[] values = new Object[places.length];
    for (int i = 0; i < places.length; i++) {
      values[i] = StoredValue.of(row, places[i], types.fields()[i]);
    }
    String key = text.encode(values);
    if (key == null) {
      throw Unsendable.missing(
          "The key \"%s\" is null, so the row has no name. Leave such rows out, or give another --key."
              .formatted(types.fields()[0].name()));
    }
    return key;
  }
}
