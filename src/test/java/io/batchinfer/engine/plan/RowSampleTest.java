package io.batchinfer.engine.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.plan.RowSample.Drawn;
import io.batchinfer.storage.FileStores;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowSampleTest {
  private static final int ROWS = 200;
  private static final int DRAWN = 20;
  private static final int SEEDS = 1_000;

  private final FileStores stores = new FileStores(Configuration::new);

  @TempDir Path folder;

  @Test
  void everyRowHasTheSameChance() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int row = 0; row < ROWS; row++) {
      text.append(row).append('\n');
    }
    Path input = Files.writeString(folder.resolve("in.jsonl"), text);
    int[] drawn = new int[ROWS];
    // The seeds are fixed, so what is drawn never changes.
    for (int seed = 0; seed < SEEDS; seed++) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      Drawn what =
          new RowSample(stores, "file:" + folder.resolve("scratch"), DRAWN, seed, 1_000)
              .draw(stores.match("file:" + input), out);
      assertThat(what).isEqualTo(new Drawn(DRAWN, ROWS, 0));
      out.toString(StandardCharsets.UTF_8).lines().forEach(row -> drawn[Integer.parseInt(row)]++);
    }

    double expected = (double) SEEDS * DRAWN / ROWS;
    double variance = expected * (1 - (double) DRAWN / ROWS);
    double chiSquare = 0;
    for (int times : drawn) {
      chiSquare += Math.pow(times - expected, 2) / variance;
    }
    // Of 199 degrees of freedom: one in ten thousand lies outside on either side.
    assertThat(chiSquare).isBetween(130.0, 281.0);
  }

  @Test
  void ofAMillionRowsFewAreKeptMeanwhile() throws IOException {
    Path input = Files.writeString(folder.resolve("in.jsonl"), "{\"a\":1}\n".repeat(1_000_000));
    Path scratch = folder.resolve("scratch");

    new RowSample(stores, "file:" + scratch, DRAWN, 1, 1_000)
        .draw(List.copyOf(stores.match("file:" + input)), new ByteArrayOutputStream());

    assertThat(Files.size(scratch) / 8).isBetween(150L, 350L);
  }
}
