package io.batchinfer.table.render;

import java.time.Duration;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.Decimal;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/**
 * Values of key columns as Spark stores them. Its external values depend on the session, and those
 * of the old calendar do not tell all days apart.
 */
final class StoredValue {
  private StoredValue() {}

  /** A value as {@link KeyText#encode} takes it; null where it is null. */
  static @Nullable Object of(InternalRow row, int place, StructField field) throws Unsendable {
    if (row.isNullAt(place)) {
      return null;
    }
    DataType type = field.dataType();
    Object value = row.get(place, type);
    if (value instanceof UTF8String text) {
      return Utf8.text(text.getBytes(), field.name());
    } else if (value instanceof Decimal decimal) {
      return decimal.toJavaBigDecimal();
    } else if (type instanceof TimestampNTZType) {
      return LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC)
          .plus((Long) value, ChronoUnit.MICROS);
    } else if (type instanceof DayTimeIntervalType) {
      return Duration.of((Long) value, ChronoUnit.MICROS);
    } else if (type instanceof YearMonthIntervalType) {
      return Period.ofMonths((Integer) value).normalized();
    }
    return SparkTypes.isTime(type) ? LocalTime.ofNanoOfDay((Long) value) : value;
  }
}
