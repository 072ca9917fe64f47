package io.batchinfer.integration;

import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/**
 * A table whose rows are known.
 *
 * @param keys its first columns
 * @param rows in Java's form; a string is its bytes, which need not be text
 */
record GeneratedTable(
    SparkSession session,
    List<StructField> keys,
    List<StructField> columns,
    List<Row> rows,
    GeneratedPrompt prompt) {

  static GeneratedTable of(SparkSession parent, String zone, Random random, int rows) {
    SparkSession session = parent.newSession();
    GeneratedColumn generator = new GeneratedColumn(random, session.version());
    session.conf().set("spark.sql.session.timeZone", zone);
    session.conf().set("spark.sql.datetime.java8API.enabled", "true");
    session.conf().set("spark.sql.timeType.enabled", "true");
    List<StructField> columns = new ArrayList<>();
    int keyed = 1 + random.nextInt(4);
    for (int i = 0; i < keyed; i++) {
      columns.add(
          DataTypes.createStructField(
              generator.name(i), i == 0 ? generator.keyOfMany() : generator.key(), true));
    }
    int prompted = 1 + random.nextInt(5);
    for (int i = keyed; i < keyed + prompted; i++) {
      columns.add(DataTypes.createStructField(generator.name(i), generator.prompted(), true));
    }
    GeneratedPrompt prompt = new GeneratedPrompt(ZoneId.of(zone));
    for (int i = keyed; i < columns.size(); i++) {
      String missing = random.nextInt(8) == 0 ? null : "none " + i;
      prompt.add(generator.text() + "\n", columns.get(i), i, missing);
    }
    List<StructField> keys = List.copyOf(columns.subList(0, keyed));
    Set<List<@Nullable Object>> seen = new HashSet<>();
    List<Row> given = new ArrayList<>();
    while (given.size() < rows) {
      @Nullable Object[] values = new Object[columns.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = generator.valueOrNull(columns.get(i).dataType());
        if (values[i] instanceof String text) {
          values[i] = bytes(random, text);
        }
      }
      Row row = RowFactory.create(values);
      if (keyFault(row, keys) != null || seen.add(key(row, keys))) {
        given.add(row);
      }
    }
    return new GeneratedTable(session, keys, columns, given, prompt);
  }

  Dataset<Row> table() {
    StructType stored = new StructType();
    Column[] named = new Column[columns.size()];
    for (int i = 0; i < named.length; i++) {
      StructField column = columns.get(i);
      boolean text = column.dataType() instanceof StringType;
      stored = stored.add("g" + i, text ? DataTypes.BinaryType : column.dataType(), true);
      Column given = functions.col("g" + i);
      named[i] = (text ? given.cast("string") : given).as(column.name());
    }
    return session.createDataFrame(rows, stored).repartition(3).select(named);
  }

  /** Mostly a text's; seldom with half a surrogate pair, or something else that is no text. */
  private static byte[] bytes(Random random, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(100) == 0) {
      byte[][] odd = {{(byte) 0xed, (byte) 0xa0, (byte) 0x80}, {(byte) 0xff}, {(byte) 0xc3}};
      byte[] tail = odd[random.nextInt(odd.length)];
      bytes = Arrays.copyOf(bytes, bytes.length + tail.length);
      System.arraycopy(tail, 0, bytes, bytes.length - tail.length, tail.length);
    }
    return bytes;
  }

  private static boolean isText(byte[] bytes) {
    return Arrays.equals(
        new String(bytes, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8), bytes);
  }

  /** Why a row has no key. */
  static @Nullable String keyFault(Row row, List<StructField> keys) {
    for (int i = 0; i < keys.size(); i++) {
      if (keys.get(i).dataType() instanceof StringType
          && row.get(i) instanceof byte[] bytes
          && !isText(bytes)) {
        return "invalid_value";
      }
    }
    return keys.size() == 1 && row.isNullAt(0) ? "missing_value" : null;
  }

  /** Why a row has no prompt. */
  static @Nullable String promptFault(Row row, GeneratedPrompt prompt) {
    for (GeneratedPrompt.Piece piece : prompt.pieces()) {
      if (row.isNullAt(piece.place())) {
        if (piece.missing() == null) {
          return "missing_value";
        }
      } else if (row.get(piece.place()) instanceof byte[] bytes && !isText(bytes)) {
        return "invalid_value";
      }
    }
    return null;
  }

  /** The values of a row with strings as strings. */
  static Row texts(Row row, List<StructField> columns) {
    @Nullable Object[] values = new Object[columns.size()];
    for (int i = 0; i < values.length; i++) {
      boolean text = columns.get(i).dataType() instanceof StringType;
      values[i] =
          text && row.get(i) instanceof byte[] bytes
              ? new String(bytes, StandardCharsets.UTF_8)
              : row.get(i);
    }
    return RowFactory.create(values);
  }

  static List<@Nullable Object> key(Row row, List<StructField> keys) {
    Row texts = texts(row, keys);
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      values.add(GeneratedColumn.comparable(texts.get(i)));
    }
    return values;
  }
}
