package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.table.render.TableColumns.Found;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.CalendarIntervalType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.NullType;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.VariantType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/**
 * What stands for a value in a text: strings as they are, numbers, booleans and intervals as Spark
 * SQL casts them, dates and times in ISO 8601, timestamps with the session's zone, structs, maps
 * and arrays as JSON. Spark computes it; columns of texts are binary, in UTF-8. Types are given as
 * types, since Spark parses names of them as SQL, by a parser that takes long to load.
 */
final class ColumnTexts {
  private ColumnTexts() {}

  /**
   * @param flag names in messages what asks for the column
   * @throws BatchException {@link ErrorCode#USAGE} if its type has no text
   */
  static Column of(String flag, Found found) {
    Column value = found.column();
    DataType type = found.type();
    Column text =
        isNested(type)
            ? json(value, type, new Place(flag, found.name()), false)
            : atom(value, type, new Place(flag, found.name()));
    return text.cast(DataTypes.BinaryType);
  }

  /**
   * A struct, map or array as JSON.
   *
   * @param leaveNullsOut whether fields that are null are left out
   */
  static Column json(Column value, DataType type, Place place, boolean leaveNullsOut) {
    return functions.to_json(
        plain(value, type, place), Map.of("ignoreNullFields", String.valueOf(leaveNullsOut)));
  }

  static boolean isNested(DataType type) {
    return type instanceof StructType || type instanceof MapType || type instanceof ArrayType;
  }

  /** Where a value is, for messages. */
  record Place(String flag, String name) {
    Place in(String part) {
      return new Place(flag, name + part);
    }
  }

  private static Column atom(Column value, DataType type, Place place) {
    if (type instanceof StringType) {
      return value;
    }
    if (type instanceof TimestampType) {
      // Casts leave the offset out, and patterns cannot leave out the zeros of a fraction. Before
      // there were standard times, offsets had seconds.
      return functions.concat(
          functions.translate(value.cast(DataTypes.StringType), " ", "T"),
          functions.date_format(value, "XXXXX"));
    }
    if (type instanceof TimestampNTZType) {
      return functions.translate(value.cast(DataTypes.StringType), " ", "T");
    }
    boolean castable =
        type instanceof NumericType
            || type instanceof BooleanType
            || type instanceof DateType
            || type instanceof DayTimeIntervalType
            || type instanceof YearMonthIntervalType
            || type instanceof CalendarIntervalType
            || type instanceof VariantType
            || type instanceof NullType
            || SparkTypes.isTime(type);
    if (castable) {
      return value.cast(DataTypes.StringType);
    }
    throw new BatchException(
        ErrorCode.USAGE,
        type instanceof BinaryType
            ? "\"%s\" of %s is binary, which is not text. Give it to --image if it is a picture, cast it to string if it is text in UTF-8, or encode it with base64()."
                .formatted(place.name(), place.flag())
            : "\"%s\" of %s is of the type %s, for which there is no text. Turn it into a string, a number or a struct first."
                .formatted(place.name(), place.flag(), type.sql()));
  }

  /** The value with everything that JSON has no form for as text. */
  private static Column plain(Column value, DataType type, Place place) {
    if (isPlain(type)) {
      return value;
    }
    if (type instanceof StructType struct) {
      List<Column> fields = new ArrayList<>();
      for (StructField field : struct.fields()) {
        fields.add(
            plain(value.getField(field.name()), field.dataType(), place.in("." + field.name()))
                .as(field.name()));
      }
      return functions.when(value.isNotNull(), functions.struct(fields.toArray(Column[]::new)));
    }
    if (type instanceof ArrayType array) {
      return functions.transform(
          value, element -> plain(element, array.elementType(), place.in("[]")));
    }
    if (type instanceof MapType map) {
      Column named =
          map.keyType() instanceof StringType
              ? value
              : functions.transform_keys(
                  value, (key, element) -> name(key, map.keyType(), place.in(" (its keys)")));
      return isPlain(map.valueType())
          ? named
          : functions.transform_values(
              named, (key, element) -> plain(element, map.valueType(), place.in("[]")));
    }
    return atom(value, type, place);
  }

  private static Column name(Column key, DataType type, Place place) {
    return isNested(type) ? json(key, type, place, false) : atom(key, type, place);
  }

  /** Whether Spark itself writes all of a type as JSON in the form that a text has. */
  private static boolean isPlain(DataType type) {
    if (type instanceof StructType struct) {
      return List.of(struct.fields()).stream().allMatch(field -> isPlain(field.dataType()));
    }
    if (type instanceof ArrayType array) {
      return isPlain(array.elementType());
    }
    if (type instanceof MapType map) {
      return map.keyType() instanceof StringType && isPlain(map.valueType());
    }
    return type instanceof StringType
        || type instanceof NumericType
        || type instanceof BooleanType
        || type instanceof NullType
        || type instanceof VariantType;
  }
}
