package io.batchinfer.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Batches are as few as their limits allow, and hold every row once. */
class BatchFillTest {
  private static Chunk chunk(String model, int split, int from, int rows, long bytes) {
    return new Chunk(
        "/v1/embeddings",
        model,
        new Piece(split, from, from + rows),
        new Load(rows, rows, bytes, rows * 10L, rows));
  }

  @Test
  void batchesAreFilledToTheFirstLimitThatIsMet() {
    List<Chunk> chunks = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      chunks.add(chunk("m", i / 20, i % 20 * 10, 10, 50));
    }

    assertThat(new BatchFill(200, 1 << 20, Long.MAX_VALUE, false).batches(chunks))
        .hasSize(5)
        .allMatch(work -> work.load().rows() == 200)
        .allMatch(work -> work.pieces().size() == 1);
    assertThat(new BatchFill(1_000, 500, Long.MAX_VALUE, false).batches(chunks))
        .hasSize(10)
        .allMatch(work -> work.load().bytes() == 500);
    assertThat(new BatchFill(1_000, 1 << 20, 2_500, false).batches(chunks))
        .allMatch(work -> work.load().tokens() <= 2_500)
        .hasSize(4);
  }

  @Test
  void inputsCountAsRequestsDo() {
    Load twenty = new Load(1, 20, 100, 10, 10);
    List<Chunk> chunks =
        List.of(
            new Chunk("/v1/embeddings", "m", new Piece(0, 0, 1), twenty),
            new Chunk("/v1/embeddings", "m", new Piece(0, 1, 2), twenty));

    assertThat(new BatchFill(30, 1 << 20, Long.MAX_VALUE, false).batches(chunks)).hasSize(2);
  }

  @Test
  void modelsGoApartUnlessTheProviderMixesThem() {
    List<Chunk> chunks =
        List.of(chunk("a", 0, 0, 5, 5), chunk("b", 0, 5, 5, 5), chunk("a", 0, 10, 5, 5));

    assertThat(new BatchFill(100, 100, 1_000, false).batches(chunks))
        .extracting(RemoteWork::model)
        .containsExactly("a", "b");
    assertThat(new BatchFill(100, 100, 1_000, true).batches(chunks)).hasSize(1);
  }

  @Test
  void halvesHoldWhatTheWholeHeld() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<Piece> pieces = new ArrayList<>();
    for (int i = 0; i < 1 + random.nextInt(5); i++) {
      pieces.add(new Piece(i, 3, 4 + random.nextInt(50)));
    }
    RemoteWork whole = new RemoteWork("/v1/x", "m", pieces, new Load(60, 60, 60, 60, 60));
    List<RemoteWork> open = new ArrayList<>(List.of(whole));
    List<String> lines = new ArrayList<>();
    while (!open.isEmpty()) {
      RemoteWork work = open.remove(0);
      List<RemoteWork> halves = work.halves();
      if (halves.size() == 2) {
        open.addAll(halves);
      } else {
        for (Piece piece : work.pieces()) {
          for (int line = piece.from(); line < piece.to(); line++) {
            lines.add(piece.split() + ":" + line);
          }
        }
      }
    }

    assertThat(lines).as("seed %d", seed).doesNotHaveDuplicates();
    assertThat(lines)
        .as("seed %d", seed)
        .hasSize(pieces.stream().mapToInt(piece -> piece.to() - piece.from()).sum());
  }
}
