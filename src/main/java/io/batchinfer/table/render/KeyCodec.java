package io.batchinfer.table.render;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;

/**
 * How the values of one atomic type are written as text and read back. What a value is written as
 * depends on nothing but the value: not on the session's zone, not on the Java release.
 */
@SuppressWarnings("ImmutableEnumChecker") // its functions are pure
enum KeyCodec {
  TEXT(Object::toString, text -> text),
  BOOLEAN(Object::toString, KeyCodec::readBoolean),
  BYTE(Object::toString, Byte::valueOf),
  SHORT(Object::toString, Short::valueOf),
  INTEGER(Object::toString, Integer::valueOf),
  LONG(Object::toString, Long::valueOf),
  // Java's own text of a number changed with Java 19; this one is the shortest on every release.
  FLOAT(value -> NumberOutput.toString((Float) value, true), Float::valueOf),
  DOUBLE(value -> NumberOutput.toString((Double) value, true), Double::valueOf),
  DECIMAL(value -> ((BigDecimal) value).toPlainString(), BigDecimal::new),
  DATE(value -> date(value).toString(), LocalDate::parse),
  TIMESTAMP(value -> instant(value).toString(), Instant::parse),
  TIMESTAMP_NTZ(
      value -> DateTimeFormatter.ISO_LOCAL_DATE_TIME.format((LocalDateTime) value),
      LocalDateTime::parse),
  TIME(value -> DateTimeFormatter.ISO_LOCAL_TIME.format((LocalTime) value), LocalTime::parse),
  DAY_TIME_INTERVAL(Object::toString, Duration::parse),
  YEAR_MONTH_INTERVAL(Object::toString, Period::parse),
  BINARY(
      value -> Base64.getEncoder().encodeToString((byte[]) value),
      text -> Base64.getDecoder().decode(text));

  private final Function<Object, String> writer;
  private final Function<String, Object> reader;

  KeyCodec(Function<Object, String> writer, Function<String, Object> reader) {
    this.writer = writer;
    this.reader = reader;
  }

  /** The codec of a type; empty for one that has parts, or whose values cannot be compared. */
  static Optional<KeyCodec> of(DataType type) {
    if (type instanceof StringType) {
      return Optional.of(TEXT);
    } else if (type instanceof BooleanType) {
      return Optional.of(BOOLEAN);
    } else if (type instanceof ByteType) {
      return Optional.of(BYTE);
    } else if (type instanceof ShortType) {
      return Optional.of(SHORT);
    } else if (type instanceof IntegerType) {
      return Optional.of(INTEGER);
    } else if (type instanceof LongType) {
      return Optional.of(LONG);
    } else if (type instanceof FloatType) {
      return Optional.of(FLOAT);
    } else if (type instanceof DoubleType) {
      return Optional.of(DOUBLE);
    } else if (type instanceof DecimalType) {
      return Optional.of(DECIMAL);
    } else if (type instanceof DateType) {
      return Optional.of(DATE);
    } else if (type instanceof TimestampType) {
      return Optional.of(TIMESTAMP);
    } else if (type instanceof TimestampNTZType) {
      return Optional.of(TIMESTAMP_NTZ);
    } else if (type instanceof DayTimeIntervalType) {
      return Optional.of(DAY_TIME_INTERVAL);
    } else if (type instanceof YearMonthIntervalType) {
      return Optional.of(YEAR_MONTH_INTERVAL);
    } else if (type instanceof BinaryType) {
      return Optional.of(BINARY);
    }
    return SparkTypes.isTime(type) ? Optional.of(TIME) : Optional.empty();
  }

  String write(Object value) {
    return writer.apply(value);
  }

  /**
   * @throws RuntimeException if {@link #write} never gives that text
   */
  Object read(String text) {
    return reader.apply(text);
  }

  private static Boolean readBoolean(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("neither true nor false");
    };
  }

  private static LocalDate date(Object value) {
    if (value instanceof Integer days) {
      return LocalDate.ofEpochDay(days);
    }
    return value instanceof Date date ? date.toLocalDate() : (LocalDate) value;
  }

  private static Instant instant(Object value) {
    if (value instanceof Long micros) {
      return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
    return value instanceof Timestamp timestamp ? timestamp.toInstant() : (Instant) value;
  }
}
