package io.batchinfer.table.answers;

import io.batchinfer.row.AnswerPart;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/** The columns behind those of the key, in their order. */
enum AnswerColumn {
  STATUS,
  ANSWER,
  PARSED,
  EMBEDDING,
  FINISH_REASON,
  USAGE,
  COST,
  ATTEMPTS,
  MAY_HAVE_RUN,
  ERROR,
  RESPONSE,
  FILE,
  LINE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The type; that of {@link #PARSED} is the job's. */
  DataType type() {
    return switch (this) {
      case STATUS, ANSWER, FINISH_REASON, RESPONSE, FILE -> DataTypes.StringType;
      case PARSED -> DataTypes.NullType;
      case EMBEDDING -> DataTypes.createArrayType(DataTypes.FloatType, true);
      case USAGE ->
          new StructType()
              .add("prompt_tokens", DataTypes.LongType)
              .add("completion_tokens", DataTypes.LongType)
              .add("cached_tokens", DataTypes.LongType)
              .add("reasoning_tokens", DataTypes.LongType);
      case COST -> DataTypes.DoubleType;
      case ATTEMPTS, MAY_HAVE_RUN -> DataTypes.IntegerType;
      case ERROR ->
          new StructType().add("code", DataTypes.StringType).add("message", DataTypes.StringType);
      case LINE -> DataTypes.LongType;
    };
  }

  /** What of a result line it takes to fill the column. */
  Set<AnswerPart> parts() {
    return switch (this) {
      case ANSWER, PARSED -> EnumSet.of(AnswerPart.TEXT);
      case EMBEDDING -> EnumSet.of(AnswerPart.VECTOR);
      case FINISH_REASON -> EnumSet.of(AnswerPart.ENDING);
      case USAGE -> EnumSet.of(AnswerPart.USAGE);
      case ERROR -> EnumSet.of(AnswerPart.ERROR);
      case RESPONSE -> EnumSet.of(AnswerPart.BODY);
      default -> EnumSet.noneOf(AnswerPart.class);
    };
  }

  /** The column of that name, as Spark compares names. */
  static Optional<AnswerColumn> named(String name) {
    return Arrays.stream(values()).filter(column -> column.word().equalsIgnoreCase(name)).findAny();
  }
}
