package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.remote.BatchFill;
import io.batchinfer.remote.Chunk;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RequestFile;
import io.batchinfer.remote.RowList;
import io.batchinfer.remote.RowName;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which open rows of a split go into a round of batches, and how they are counted. */
class RemoteCutTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String EMBEDDINGS = "/v1/embeddings";
  private static final String LONG_TEXT = "x".repeat(2_000);

  /** A chunk may hold two rows. */
  private static final BatchFill PAIRS =
      new BatchFill(2 * 64, Long.MAX_VALUE, Long.MAX_VALUE, false);

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private @Nullable WorkedJob job;

  private static String row(String id, String url, String model, String rest) {
    return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"%s\",\"body\":{\"model\":\"%s\",%s}}"
        .formatted(id, url, model, rest);
  }

  private static String chat(String id, String model) {
    return row(id, CHAT, model, "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]");
  }

  private static String embeddings(String id, String inputs) {
    return row(id, EMBEDDINGS, "e", "\"input\":[" + inputs + "]");
  }

  private List<Chunk> cut(BatchFill fill, SplitClaim claim, String... lines) {
    WorkedJob opened =
        new WorkedJob(files, List.of(lines), 1_000, Duration.ofSeconds(10), Map.of());
    job = opened;
    return new RemoteCut(opened.view().spec(), files, 4, fill).cut(claim);
  }

  private List<Chunk> cut(BatchFill fill, String... lines) {
    return cut(fill, claim(List.of()), lines);
  }

  private static SplitClaim claim(List<Integer> blamed) {
    return new SplitClaim(0, Optional.empty(), List.of(), Optional.empty(), false, blamed);
  }

  private JobFolder folder() {
    return Objects.requireNonNull(job).folder;
  }

  private RowList list() {
    return RowList.read(new RemoteFolder(folder()), 4, 0);
  }

  @AfterEach
  void end() {
    if (job != null) {
      job.close();
    }
  }

  @Test
  void neighboursOfOneEndpointAndModelShareAChunkUntilItIsFull() {
    List<Chunk> chunks =
        cut(PAIRS, chat("a", "m"), chat("b", "n"), chat("c", "m"), chat("d", "m"), chat("e", "n"));

    assertThat(chunks)
        .extracting(Chunk::endpoint, Chunk::model, Chunk::piece, chunk -> chunk.load().rows())
        .containsExactly(
            tuple(CHAT, "m", new Piece(0, 0, 3), 2L),
            tuple(CHAT, "m", new Piece(0, 3, 4), 1L),
            tuple(CHAT, "n", new Piece(0, 1, 5), 2L));
    assertThat(list().lines(new Piece(0, 0, 5), CHAT, "m")).containsExactly(0, 2, 3);
    assertThat(list().lines(new Piece(0, 0, 5), CHAT, "n")).containsExactly(1, 4);
  }

  @Test
  void whatARowCountsIsItsLineItsInputsAndItsTokens() {
    List<Chunk> chunks = cut(PAIRS, chat("a", "m"), embeddings("b", "\"one\",\"two\",\"three\""));

    byte[] body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    Chunk asked = chunks.get(0);
    assertThat(asked.load().inputs()).isOne();
    assertThat(asked.load().bytes())
        .isEqualTo(RequestFile.lineBytes(RowName.key(0, 0), CHAT, body));
    assertThat(asked.load().promptTokens()).isPositive().isLessThan(asked.load().tokens());
    assertThat(chunks.get(1).load().inputs()).isEqualTo(3);
    assertThat(chunks.get(1).load().rows()).isOne();
  }

  @Test
  void everyLimitEndsAChunkAndARowThatFillsOneAloneHasOne() {
    BatchFill inputs = new BatchFill(4 * 64, Long.MAX_VALUE, Long.MAX_VALUE, false);
    assertThat(
            cut(
                inputs,
                embeddings("a", "\"1\",\"2\",\"3\""),
                embeddings("b", "\"1\""),
                embeddings("c", "\"1\"")))
        .extracting(chunk -> chunk.load().inputs())
        .containsExactly(4L, 1L);
    end();

    BatchFill bytes = new BatchFill(Long.MAX_VALUE, 3_000L * 64, Long.MAX_VALUE, false);
    String large = row("a", CHAT, "m", "\"messages\":[],\"user\":\"" + LONG_TEXT + "\"");
    assertThat(cut(bytes, large, large.replace("\"a\"", "\"b\"")))
        .extracting(chunk -> chunk.load().rows())
        .containsExactly(1L, 1L);
    end();

    BatchFill tokens = new BatchFill(Long.MAX_VALUE, Long.MAX_VALUE, 64, false);
    assertThat(cut(tokens, chat("a", "m"), chat("b", "m")))
        .extracting(Chunk::piece)
        .containsExactly(new Piece(0, 0, 1), new Piece(0, 1, 2));
  }

  @Test
  void whatNoFileCanHoldAndWhatIsNotSentIsLeftOut() {
    BatchFill small = new BatchFill(Long.MAX_VALUE, 1_500, Long.MAX_VALUE, false);
    String large = row("big", CHAT, "m", "\"messages\":[],\"user\":\"" + LONG_TEXT + "\"");

    List<Chunk> chunks =
        cut(
            small,
            claim(List.of(4)),
            chat("a", "m"),
            large,
            chat("a", "m"),
            "no JSON",
            chat("e", "m"),
            chat("f", "m"));

    assertThat(list().lines(new Piece(0, 0, 6), CHAT, "")).containsExactly(0, 5);
    assertThat(chunks.stream().mapToLong(chunk -> chunk.load().rows()).sum()).isEqualTo(2);
  }

  @Test
  void aSplitWithoutRowsToSendHasNoChunkAndLeavesNothing() {
    assertThat(cut(PAIRS, claim(List.of(0)), chat("a", "m"), "no JSON")).isEmpty();

    assertThat(files.paths()).noneMatch(path -> path.startsWith(folder().remote()));
  }

  @Test
  void aChunkThatIsFullToTheLastByteAndTokenHoldsAllThatFits() {
    long bytes = 0;
    long tokens = 0;
    for (Chunk chunk : cut(PAIRS, chat("a", "m"), chat("b", "m"))) {
      bytes += chunk.load().bytes();
      tokens += chunk.load().tokens();
    }
    end();

    BatchFill exact = new BatchFill(Long.MAX_VALUE, 64 * bytes, 64 * tokens, false);
    assertThat(cut(exact, chat("a", "m"), chat("b", "m"))).hasSize(1);
    end();
    BatchFill less = new BatchFill(Long.MAX_VALUE, 64 * bytes - 64, Long.MAX_VALUE, false);
    assertThat(cut(less, chat("a", "m"), chat("b", "m"))).hasSize(2);
    end();
    BatchFill fewer = new BatchFill(Long.MAX_VALUE, Long.MAX_VALUE, 64 * tokens - 64, false);
    assertThat(cut(fewer, chat("a", "m"), chat("b", "m"))).hasSize(2);
  }

  @Test
  void aRowThatFillsAFileToTheLastByteIsTakenAndALargerOneIsNot() {
    byte[] body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    long longest = RequestFile.lineBytes(Long.MAX_VALUE, CHAT, body);

    assertThat(cut(new BatchFill(Long.MAX_VALUE, longest, Long.MAX_VALUE, false), chat("a", "m")))
        .hasSize(1);
    end();
    assertThat(
            cut(new BatchFill(Long.MAX_VALUE, longest - 1, Long.MAX_VALUE, false), chat("a", "m")))
        .isEmpty();
  }
}
