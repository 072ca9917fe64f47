package io.batchinfer.integration;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.Period;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BinaryType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DayTimeIntervalType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.sql.types.TimestampNTZType;
import org.apache.spark.sql.types.TimestampType;
import org.apache.spark.sql.types.YearMonthIntervalType;
import org.jspecify.annotations.Nullable;

/** Types of columns and values of them, of every kind that Spark has, by a seed. */
final class GeneratedColumn {
  private static final int DEEPEST = 3;
  private static final int NULL_OF = 12;

  private final Random random;
  private final List<Supplier<DataType>> texts;
  private final List<Supplier<DataType>> keys;

  /**
   * @param spark its version: not every one has all types
   */
  GeneratedColumn(Random random, String spark) {
    this.random = random;
    this.texts = new ArrayList<>();
    this.texts.addAll(
        List.of(
            () -> DataTypes.StringType,
            () -> DataTypes.StringType,
            () -> DataTypes.BooleanType,
            () -> DataTypes.ByteType,
            () -> DataTypes.ShortType,
            () -> DataTypes.IntegerType,
            () -> DataTypes.LongType,
            () -> DataTypes.FloatType,
            () -> DataTypes.DoubleType,
            this::decimal,
            () -> DataTypes.DateType,
            () -> DataTypes.TimestampType,
            () -> DataTypes.TimestampNTZType));
    if (!spark.startsWith("4.0.")) {
      this.texts.add(() -> StructType.fromDDL("t TIME(6)").apply("t").dataType());
    }
    this.keys = new ArrayList<>(texts);
    this.keys.add(() -> DataTypes.BinaryType);
    this.keys.add(DataTypes::createDayTimeIntervalType);
    this.keys.add(DataTypes::createYearMonthIntervalType);
  }

  private DataType decimal() {
    int precision = 1 + random.nextInt(38);
    return DataTypes.createDecimalType(precision, random.nextInt(precision + 1));
  }

  /** A type that a key may have. */
  DataType key() {
    return keys.get(random.nextInt(keys.size())).get();
  }

  /** A type with more values than a table has rows. */
  DataType keyOfMany() {
    DataType type = key();
    while (type instanceof BooleanType
        || type instanceof ByteType
        || type instanceof ShortType
        || type instanceof DecimalType) {
      type = key();
    }
    return type;
  }

  /** A type that a prompt may have. */
  DataType prompted() {
    return random.nextInt(3) == 0 ? nested(1) : texts.get(random.nextInt(texts.size())).get();
  }

  private DataType nested(int depth) {
    return switch (random.nextInt(3)) {
      case 0 -> DataTypes.createArrayType(inner(depth), true);
      case 1 -> DataTypes.createMapType(DataTypes.StringType, inner(depth), true);
      default -> {
        StructType struct = new StructType();
        for (int i = 0; i <= random.nextInt(4); i++) {
          struct = struct.add(name(i), inner(depth), true);
        }
        yield struct;
      }
    };
  }

  private DataType inner(int depth) {
    return depth < DEEPEST && random.nextInt(3) == 0
        ? nested(depth + 1)
        : texts.get(random.nextInt(texts.size())).get();
  }

  /** A name that is a column's own, of letters and of what names seldom hold. */
  String name(int number) {
    String[] odd = {"", " ", ".", "?", "{", "}", "`", "'", "\"", ",", "\u00e4", "\u05d0", "\\"};
    return "c" + odd[random.nextInt(odd.length)] + number + odd[random.nextInt(odd.length)] + "x";
  }

  /** A value of a type, in Java's form, now and then null. */
  @Nullable Object valueOrNull(DataType type) {
    return random.nextInt(NULL_OF) == 0 ? null : value(type);
  }

  Object value(DataType type) {
    if (type instanceof StringType) {
      return text();
    } else if (type instanceof BooleanType) {
      return random.nextBoolean();
    } else if (type instanceof ByteType) {
      return (byte) random.nextInt();
    } else if (type instanceof ShortType) {
      return (short) random.nextInt();
    } else if (type instanceof IntegerType) {
      return random.nextInt() >> random.nextInt(32);
    } else if (type instanceof LongType) {
      return random.nextLong() >> random.nextInt(64);
    } else if (type instanceof FloatType) {
      return odd(Float.intBitsToFloat(random.nextInt()));
    } else if (type instanceof DoubleType) {
      return odd(Double.longBitsToDouble(random.nextLong()));
    } else if (type instanceof DecimalType decimal) {
      return decimal(decimal);
    } else if (type instanceof BinaryType) {
      byte[] bytes = new byte[random.nextInt(24)];
      random.nextBytes(bytes);
      return bytes;
    } else if (type instanceof StructType struct) {
      Object[] fields = new Object[struct.length()];
      for (int i = 0; i < fields.length; i++) {
        fields[i] = valueOrNull(struct.fields()[i].dataType());
      }
      return RowFactory.create(fields);
    } else if (type instanceof ArrayType array) {
      List<@Nullable Object> elements = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        elements.add(valueOrNull(array.elementType()));
      }
      return elements;
    } else if (type instanceof MapType map) {
      Map<Object, @Nullable Object> entries = new LinkedHashMap<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        entries.put(text(), valueOrNull(map.valueType()));
      }
      return entries;
    }
    return moment(type);
  }

  private Object moment(DataType type) {
    if (type instanceof DateType) {
      return LocalDate.ofEpochDay(random.nextInt(4_000_000) - 1_500_000);
    } else if (type instanceof TimestampType) {
      return Instant.EPOCH.plus(micros(), ChronoUnit.MICROS);
    } else if (type instanceof TimestampNTZType) {
      return LocalDateTime.ofEpochSecond(0, 0, ZoneOffset.UTC).plus(micros(), ChronoUnit.MICROS);
    } else if (type instanceof DayTimeIntervalType) {
      return Duration.of(micros(), ChronoUnit.MICROS);
    } else if (type instanceof YearMonthIntervalType) {
      return Period.ofMonths(random.nextInt() >> random.nextInt(32)).normalized();
    }
    return LocalTime.ofNanoOfDay(
        1_000L * (random.nextLong(86_400_000_000L) / round() % 86_400_000_000L));
  }

  private long micros() {
    long micros = random.nextLong() >> (6 + random.nextInt(40));
    return micros - micros % round();
  }

  /** So that fractions end early as well. */
  private long round() {
    return random.nextBoolean() ? 1 : random.nextBoolean() ? 1_000 : 1_000_000;
  }

  private float odd(float value) {
    float[] odd = {0f, -0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1f};
    return Float.isNaN(value) || random.nextInt(6) == 0 ? odd[random.nextInt(odd.length)] : value;
  }

  private double odd(double value) {
    double[] odd = {0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e22};
    return Double.isNaN(value) || random.nextInt(6) == 0 ? odd[random.nextInt(odd.length)] : value;
  }

  private BigDecimal decimal(DecimalType type) {
    BigInteger most = BigInteger.TEN.pow(type.precision());
    BigInteger digits = new BigInteger(1 + random.nextInt(127), random).mod(most);
    return new BigDecimal(random.nextBoolean() ? digits : digits.negate(), type.scale());
  }

  /** Letters of all planes, marks that combine, both directions, controls, braces, long ones. */
  String text() {
    int[][] ranges = {
      {0x20, 0x7f},
      {0x20, 0x7f},
      {0x20, 0x7f},
      {0, 0x20},
      {0x7b, 0x7e},
      {0x22, 0x23},
      {0x5c, 0x5d},
      {0x80, 0x250},
      {0x300, 0x370},
      {0x590, 0x700},
      {0x2000, 0x2070},
      {0xd7a0, 0xd800},
      {0xe000, 0xe010},
      {0xfe00, 0x10000},
      {0x10000, 0x10010},
      {0x1f300, 0x1f700},
      {0x10fff0, 0x110000}
    };
    int length = random.nextInt(400) == 0 ? 30_000 : random.nextInt(20);
    StringBuilder text = new StringBuilder();
    while (text.length() < length) {
      int[] range = ranges[random.nextInt(ranges.length)];
      for (int i = random.nextInt(6); i >= 0; i--) {
        text.appendCodePoint(range[0] + random.nextInt(range[1] - range[0]));
      }
    }
    return text.toString();
  }

  static boolean isNested(DataType type) {
    return type instanceof StructType || type instanceof ArrayType || type instanceof MapType;
  }

  /** The same value for two that Spark gives as different objects. */
  static @Nullable Object comparable(@Nullable Object value) {
    return value instanceof byte[] bytes ? java.nio.ByteBuffer.wrap(bytes) : value;
  }
}
