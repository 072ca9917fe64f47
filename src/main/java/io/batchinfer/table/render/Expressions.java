package io.batchinfer.table.render;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.table.render.ColumnTexts.Place;
import io.batchinfer.table.render.TableColumns.Found;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.VariantType;

/** Spark SQL expressions over the columns of a table, one value for each row. */
final class Expressions {
  private Expressions() {}

  /**
   * An expression with the type of its values.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if it cannot be read, does not fit the table, or
   *     gives more or fewer values than there are rows
   */
  static Found find(Dataset<Row> table, String flag, String text) {
    try {
      Column value = functions.expr(text);
      // In a struct beside all columns, Spark takes neither aggregates nor what multiplies rows.
      StructType checked =
          table.select(functions.col("*"), functions.struct(value.as("value"))).schema();
      StructField last = checked.fields()[checked.fields().length - 1];
      StructType fields = (StructType) last.dataType();
      if (fields.fields().length != 1) {
        throw usage(flag, text, "it gives " + fields.fields().length + " values for each row");
      }
      return new Found(text, value, fields.fields()[0].dataType());
    } catch (BatchException e) {
      throw e;
    } catch (Exception e) {
      throw usage(flag, text, SparkFailures.words(e));
    }
  }

  /** A column of JSON objects. */
  static Column object(String flag, Found found) {
    DataType type = found.type();
    if (type instanceof StructType || type instanceof MapType) {
      return json(flag, found);
    }
    if (type instanceof StringType || type instanceof VariantType) {
      return found.column().cast(DataTypes.StringType).cast(DataTypes.BinaryType);
    }
    throw usage(
        flag, found.name(), "it gives " + type.sql() + ", not a struct, a map or JSON text");
  }

  /** A column of JSON arrays. */
  static Column array(String flag, Found found) {
    DataType type = found.type();
    if (type instanceof ArrayType) {
      return json(flag, found);
    }
    if (type instanceof StringType || type instanceof VariantType) {
      return found.column().cast(DataTypes.StringType).cast(DataTypes.BinaryType);
    }
    throw usage(
        flag,
        found.name(),
        "it gives " + type.sql() + ", not an array of structs with role and content, or JSON text");
  }

  static Column json(String flag, Found found) {
    return ColumnTexts.json(found.column(), found.type(), new Place(flag, found.name()), true)
        .cast(DataTypes.BinaryType);
  }

  private static BatchException usage(String flag, String text, String why) {
    return new BatchException(
        ErrorCode.USAGE,
        "The expression of %s, \"%s\", cannot be used: %s. Write a Spark SQL expression over the table's columns that gives one value for each row."
            .formatted(
                flag, shown(text), why.endsWith(".") ? why.substring(0, why.length() - 1) : why));
  }

  private static String shown(String text) {
    return text.length() <= 200 ? text : text.substring(0, 200) + "…";
  }
}
