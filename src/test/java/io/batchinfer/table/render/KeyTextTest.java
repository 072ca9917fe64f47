package io.batchinfer.table.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import java.math.BigDecimal;
import java.sql.Date;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.Period;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class KeyTextTest {
  private static final Map<DataType, List<?>> VALUES = new HashMap<>();

  static {
    VALUES.put(
        DataTypes.StringType,
        List.of(
            "", " ", "null", "[\"a\"]", "a\"b\\c\n\r\u0000\u2028", "é漢😀", "x".repeat(100_000)));
    VALUES.put(DataTypes.BooleanType, List.of(true, false));
    VALUES.put(DataTypes.ByteType, List.of(Byte.MIN_VALUE, (byte) 0, Byte.MAX_VALUE));
    VALUES.put(DataTypes.ShortType, List.of(Short.MIN_VALUE, (short) 0, Short.MAX_VALUE));
    VALUES.put(DataTypes.IntegerType, List.of(Integer.MIN_VALUE, 0, Integer.MAX_VALUE));
    VALUES.put(DataTypes.LongType, List.of(Long.MIN_VALUE, 0L, Long.MAX_VALUE));
    VALUES.put(
        DataTypes.FloatType,
        List.of(0f, -0f, 0.1f, Float.MIN_VALUE, Float.MAX_VALUE, Float.NaN, -1f / 0, 1f / 0));
    VALUES.put(
        DataTypes.DoubleType,
        List.of(
            0d, -0d, 0.1, 1e22, Double.MIN_VALUE, Double.MAX_VALUE, Double.NaN, 1d / 0, -1d / 0));
    VALUES.put(
        DataTypes.createDecimalType(38, 18),
        List.of(
            new BigDecimal("0E-18"), new BigDecimal("-99999999999999999999.000000000000000001")));
    VALUES.put(
        DataTypes.DateType,
        List.of(
            LocalDate.of(1, 1, 1),
            LocalDate.of(1582, 10, 10),
            LocalDate.of(2026, 11, 28),
            LocalDate.of(99999, 12, 31),
            LocalDate.of(-400, 2, 28)));
    VALUES.put(
        DataTypes.TimestampType,
        List.of(
            Instant.EPOCH,
            Instant.parse("1582-10-10T00:00:00.000001Z"),
            Instant.parse("+200000-01-01T00:00:00Z"),
            Instant.parse("-0300-01-01T00:00:00.999999Z")));
    VALUES.put(
        DataTypes.TimestampNTZType,
        List.of(
            LocalDateTime.of(2026, 3, 29, 2, 30),
            LocalDateTime.of(1582, 10, 10, 0, 0, 0, 1000),
            LocalDateTime.of(20000, 1, 1, 0, 0, 1)));
    VALUES.put(
        DataTypes.createDayTimeIntervalType(),
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1000),
            Duration.ofSeconds(Long.MAX_VALUE / 1_000_000, 775_807_000),
            Duration.ofSeconds(-90061, 5000)));
    VALUES.put(
        DataTypes.createYearMonthIntervalType(),
        List.of(Period.ZERO, Period.of(-1, -2, 0), Period.of(178956970, 7, 0)));
  }

  @Test
  void everyValueOfEveryTypeIsReadBackAsItWas() {
    VALUES.forEach(
        (type, values) -> {
          KeyText one = KeyText.of(new StructType().add("k", type));
          KeyText two = KeyText.of(new StructType().add("k", type).add("l", type));
          for (Object value : values) {
            assertThat(decoded(one, value)).as(type.sql()).containsExactly(value);
            assertThat(decoded(two, null, value)).containsExactly(null, value);
            assertThat(decoded(two, value, null)).containsExactly(value, null);
          }
          assertThat(values.stream().map(one::encode)).doesNotHaveDuplicates();
        });
  }

  @Test
  void binaryIsReadBackAsItWas() {
    KeyText keys = KeyText.of(new StructType().add("k", DataTypes.BinaryType));
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    for (byte[] value : List.of(new byte[0], new byte[] {0}, all, Arrays.copyOf(all, 255))) {
      assertThat((byte[]) decoded(keys, value)[0]).isEqualTo(value);
    }
  }

  @Test
  void aStringIsItsOwnText() {
    KeyText keys = KeyText.of(new StructType().add("k", DataTypes.StringType));
    assertThat(keys.encode("[\"a\"] \n")).isEqualTo("[\"a\"] \n");
    assertThat(keys.encode((Object) null)).isNull();
  }

  @Test
  void severalColumnsAreAnArray() {
    KeyText keys =
        KeyText.of(new StructType().add("a", DataTypes.StringType).add("b", DataTypes.DateType));
    assertThat(keys.encode("x\"", LocalDate.of(2026, 11, 28)))
        .isEqualTo("[\"x\\\"\",\"2026-11-28\"]");
    assertThat(keys.encode(null, null)).isEqualTo("[null,null]");
    assertThat(keys.encode("null", null)).isEqualTo("[\"null\",null]");
  }

  @Test
  void theSameDayHasOneTextWhateverSparkGivesForIt() {
    KeyText day = KeyText.of(new StructType().add("k", DataTypes.DateType));
    LocalDate date = LocalDate.of(2026, 11, 28);
    assertThat(List.of(day.encode(date), day.encode(Date.valueOf(date)), day.encode(20785)))
        .containsOnly("2026-11-28");
    KeyText time = KeyText.of(new StructType().add("k", DataTypes.TimestampType));
    Instant instant = Instant.parse("2026-11-28T15:51:40.123456Z");
    assertThat(
            List.of(
                time.encode(instant),
                time.encode(Timestamp.from(instant)),
                time.encode(instant.getEpochSecond() * 1_000_000 + 123456)))
        .containsOnly("2026-11-28T15:51:40.123456Z");
  }

  @Test
  void aTextThatIsNoKeyIsRefused() {
    KeyText one = KeyText.of(new StructType().add("k", DataTypes.LongType));
    KeyText two =
        KeyText.of(new StructType().add("a", DataTypes.LongType).add("b", DataTypes.BooleanType));
    for (String text : List.of("", "x", "1.0", "9223372036854775808", "[\"1\"]")) {
      assertThatThrownBy(() -> one.decode(text))
          .isInstanceOf(BatchException.class)
          .hasMessageContaining("is not a key of the type BIGINT");
    }
    for (String text :
        List.of(
            "",
            "1",
            "[\"1\"]",
            "[\"1\",\"true\",\"x\"]",
            "[1,true]",
            "[\"1\",\"no\"]",
            "[\"1\",\"true\"] x")) {
      assertThatThrownBy(() -> two.decode(text)).isInstanceOf(BatchException.class);
    }
  }

  @Test
  void whatHasPartsIsNoKey() {
    StructType keys = new StructType().add("tags", DataTypes.createArrayType(DataTypes.StringType));
    assertThatThrownBy(() -> KeyText.of(keys))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("\"tags\" of the type ARRAY<STRING> cannot be a key");
  }

  private static @Nullable Object[] decoded(KeyText keys, @Nullable Object... values) {
    return keys.decode(Objects.requireNonNull(keys.encode(values)));
  }
}
