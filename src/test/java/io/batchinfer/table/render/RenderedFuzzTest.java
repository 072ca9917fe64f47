package io.batchinfer.table.render;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.batchinfer.json.Json;
import io.batchinfer.model.ErrorCode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Generated rows: keys decode to what they were, and bodies hold exactly the text. */
class RenderedFuzzTest extends RenderedTable {
  private static final int ROWS = 100_000;
  private static final StructType SCHEMA =
      new StructType()
          .add("s", DataTypes.StringType)
          .add("l", DataTypes.LongType)
          .add("d", DataTypes.DoubleType)
          .add("m", DataTypes.createDecimalType(38, 9))
          .add("day", DataTypes.DateType)
          .add("at", DataTypes.TimestampType)
          .add("b", DataTypes.BinaryType)
          .add("text", DataTypes.StringType);

  @Test
  void everyKeyAndTextIsWhatItWas() throws Exception {
    long seed = new Random().nextLong();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    List<Row> given = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      given.add(row(random));
    }
    Dataset<Row> table = sqlContext().sparkSession().createDataFrame(given, SCHEMA);
    RequestRows rows =
        rows(
            table,
            "prompt",
            "{{{text}}}\n{l?none}",
            "key",
            "s",
            "key",
            "l",
            "key",
            "d",
            "key",
            "m",
            "key",
            "day",
            "key",
            "at",
            "key",
            "b");
    RowRenderer renderer = rows.renderer();
    KeyText keys = KeyText.of(rows.keys());
    ObjectReader strict =
        Json.MAPPER.readerFor(JsonNode.class).with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    Iterator<InternalRow> projected = rows.first(Integer.MAX_VALUE).iterator();
    for (Row row : given) {
      RenderedRow rendered = renderer.render(projected.next());
      @Nullable Object[] decoded = keys.decode(Objects.requireNonNull(rendered.key()));
      for (int i = 0; i < decoded.length; i++) {
        assertThat(decoded[i]).as("seed %d, column %d", seed, i).isEqualTo(row.get(i));
      }
      if (row.isNullAt(7)) {
        assertThat(Objects.requireNonNull(rendered.problem()).code())
            .isEqualTo(ErrorCode.MISSING_VALUE);
        continue;
      }
      byte[] body = Objects.requireNonNull(rendered.body());
      JsonNode tree = strict.readTree(body);
      assertThat(tree.at("/messages/0/content").textValue())
          .as("seed %d", seed)
          .isEqualTo("{" + row.get(7) + "}\n" + (row.isNullAt(1) ? "none" : row.get(1)));
      for (byte b : body) {
        assertThat(b == '\n' || b == '\r').isFalse();
      }
    }
    assertThat(projected.hasNext()).isFalse();
  }

  private static Row row(Random random) {
    @Nullable Object[] values = {
      text(random),
      random.nextLong() >> random.nextInt(64),
      Double.longBitsToDouble(random.nextLong()),
      new BigDecimal(new BigInteger(90, random).subtract(BigInteger.TWO.pow(89)), 9),
      LocalDate.ofEpochDay(random.nextInt(4_000_000) - 1_500_000),
      Instant.EPOCH.plus(random.nextLong() >> (4 + random.nextInt(40)), ChronoUnit.MICROS),
      bytes(random),
      text(random)
    };
    for (int i = 0; i < values.length; i++) {
      if (random.nextInt(10) == 0) {
        values[i] = null;
      }
    }
    return RowFactory.create(values);
  }

  private static byte[] bytes(Random random) {
    byte[] bytes = new byte[random.nextInt(20)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    int length = random.nextInt(1000) == 0 ? 20_000 : random.nextInt(24);
    while (text.length() < length) {
      int c = random.nextInt(4) == 0 ? random.nextInt(0x110000) : random.nextInt(0x80);
      if (c < 0xd800 || c > 0xdfff) {
        text.appendCodePoint(c);
      }
    }
    return text.toString();
  }
}
