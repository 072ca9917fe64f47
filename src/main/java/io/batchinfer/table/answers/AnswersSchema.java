package io.batchinfer.table.answers;

import io.batchinfer.config.TableOptions;
import io.batchinfer.job.TableNote;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.schema.InvalidSchemaException;
import io.batchinfer.table.schema.ParsedType;
import java.util.Optional;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * What columns the answers of a job have.
 *
 * @param keys the columns that name a row; of a job over files the one column {@code custom_id}
 * @param typedKeys whether the {@code custom_id} of a row is a text of those columns, rather than
 *     the one column itself
 * @param parsed type of the column {@code parsed}, where the job has an answer schema
 * @param files whether the rows are lines of files
 */
record AnswersSchema(
    StructType keys, boolean typedKeys, Optional<StructType> parsed, boolean files) {
  private static final StructType CUSTOM_ID =
      new StructType().add("custom_id", DataTypes.StringType);

  /**
   * Those of a job.
   *
   * @param table what is kept of the table that it answers; empty for a job over files
   * @param answers JSON Schema that its answers fit, where it has one
   * @throws BatchException {@link ErrorCode#OUTPUT_MISMATCH} if this Spark does not know a type
   */
  static AnswersSchema of(Optional<TableNote> table, Optional<String> answers) {
    Optional<StructType> fitting = answers.flatMap(AnswersSchema::struct);
    if (table.isEmpty()) {
      return new AnswersSchema(CUSTOM_ID, false, fitting, true);
    }
    StructType keys = new StructType();
    for (TableNote.Key key : table.get().keys()) {
      keys = keys.add(key.name(), type(key));
    }
    refuseReserved(keys, ErrorCode.OUTPUT_MISMATCH);
    boolean typed = keys.length() > 0;
    return new AnswersSchema(typed ? keys : CUSTOM_ID, typed, fitting, false);
  }

  /** Answers that are not objects have no fields to show. */
  private static Optional<StructType> struct(String schema) {
    try {
      return ParsedType.of(schema) instanceof StructType type
          ? Optional.of(nullable(type))
          : Optional.empty();
    } catch (InvalidSchemaException e) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The answer schema in this job's job.json %s; restore the file.".formatted(e.words()),
          e);
    }
  }

  private static StructType nullable(StructType type) {
    StructType all = new StructType();
    for (StructField field : type.fields()) {
      all = all.add(field.name(), nullable(field.dataType()), true, field.metadata());
    }
    return all;
  }

  /** What a model writes may lack anything. */
  private static DataType nullable(DataType type) {
    if (type instanceof StructType struct) {
      return nullable(struct);
    }
    if (type instanceof ArrayType array) {
      return DataTypes.createArrayType(nullable(array.elementType()), true);
    }
    return type instanceof MapType map
        ? DataTypes.createMapType(map.keyType(), nullable(map.valueType()), true)
        : type;
  }

  private static DataType type(TableNote.Key key) {
    try {
      return DataType.fromJson(key.type());
    } catch (Exception e) {
      // Scala declares no checked exception, and throws them.
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The key column \"%s\" of this job is of the type %s, which this version of Spark does not know: read it with the version that the job ran on."
              .formatted(key.name(), key.type()),
          e);
    }
  }

  /**
   * Refuses keys of the same name as a column of the answers.
   *
   * @throws BatchException of that code where there is one
   */
  static void refuseReserved(StructType keys, ErrorCode code) {
    for (String key : keys.fieldNames()) {
      if (AnswerColumn.named(key).isPresent()) {
        throw new BatchException(
            code,
            "The key column \"%s\" has the name of a column of the answers. Give it another name before the run: SELECT %s AS row_%s, and %s row_%s."
                .formatted(key, key, key, TableOptions.KEY.flag(), key));
      }
    }
  }

  /** Whether the answers have that column. */
  boolean has(AnswerColumn column) {
    return switch (column) {
      case PARSED -> parsed.isPresent();
      case FILE, LINE -> files;
      default -> true;
    };
  }

  /** All columns, every one of which may be null to Spark. */
  StructType columns() {
    StructType all = keys;
    for (AnswerColumn column : AnswerColumn.values()) {
      if (has(column)) {
        DataType type = column == AnswerColumn.PARSED ? parsed.orElseThrow() : column.type();
        all = all.add(column.word(), type);
      }
    }
    return all;
  }
}
