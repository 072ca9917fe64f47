package io.batchinfer.launch;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.schema.InvalidSchemaException;
import io.batchinfer.schema.RecordSchema;
import io.batchinfer.table.schema.ColumnSchema;
import org.apache.spark.sql.types.StructType;

/** Answer schemas of programs, as the option has them. */
public final class AnswerSchemas {
  private AnswerSchemas() {}

  /**
   * That of a type of Spark.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where it holds what no JSON is
   */
  public static String of(StructType type) {
    try {
      return ColumnSchema.of(type);
    } catch (InvalidSchemaException e) {
      throw refused(type.simpleString(), e);
    }
  }

  /**
   * That of a record's components.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where one of them has a type that no schema is
   *     known of
   */
  public static String of(Class<? extends Record> type) {
    try {
      return RecordSchema.of(type);
    } catch (InvalidSchemaException e) {
      throw refused(type.getName(), e);
    }
  }

  private static BatchException refused(String what, InvalidSchemaException e) {
    return new BatchException(
        ErrorCode.USAGE, "The answer schema of %s %s.".formatted(what, e.words()), e);
  }
}
