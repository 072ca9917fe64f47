package io.batchinfer.engine.send;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest.Json;
import io.batchinfer.client.Reply;
import io.batchinfer.engine.send.OpenRows.OpenRow;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** In which order the rows of a split go out. */
class RowOrderTest {
  private static final List<String> LINES =
      Stream.of("a", "b", "c", "d", "e", "f").map(WorkedJob::line).toList();

  /** Holds all rows of a split, and hands the last on first. */
  private static final RowOrder BACKWARDS =
      rows -> {
        Deque<OpenRow> held = new ArrayDeque<>();
        return () -> {
          for (OpenRow row = rows.next(); row != null; row = rows.next()) {
            held.push(row);
          }
          return held.poll();
        };
      };

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final Queue<String> sent = new ConcurrentLinkedQueue<>();

  private static WorkedJob job(InMemoryFiles files) {
    return new WorkedJob(files, LINES, 3, Duration.ofSeconds(10), Map.of("concurrency", "1"));
  }

  private InferenceChannel endpoint() {
    return request -> {
      String body = new String(((Json) request.entity()).content(), StandardCharsets.UTF_8);
      String name = body.replaceAll(".*\"user\":\"([^\"]*)\".*", "$1");
      sent.add(name);
      byte[] answer =
          "{\"choices\":[{\"message\":{\"content\":\"to %s\"}}]}"
              .formatted(name)
              .getBytes(StandardCharsets.UTF_8);
      return CompletableFuture.supplyAsync(() -> new Reply(200, header -> null, answer));
    };
  }

  private void run(WorkedJob job) throws Exception {
    assertThat(
            job.work(endpoint(), UnaryOperator.identity())
                .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)
                .cause())
        .isNull();
    assertThat(job.published()).isEqualTo(LINES.size());
  }

  private static List<String> results(InMemoryFiles files, WorkedJob job) {
    return files.paths().stream()
        .filter(path -> path.startsWith(job.folder.results() + "/"))
        .map(path -> path + "\n" + new String(files.content(path), StandardCharsets.UTF_8))
        .toList();
  }

  @Test
  void whateverTheOrderTheResultsAreTheSame() throws Exception {
    List<String> asRead;
    try (WorkedJob job = job(files)) {
      run(job);
      asRead = results(files, job);
      assertThat(sent).containsExactly("a", "b", "c", "d", "e", "f");
    }
    sent.clear();
    InMemoryFiles others = InMemoryFiles.filesystem();
    try (WorkedJob job = job(others)) {
      job.sendIn(BACKWARDS);
      run(job);

      assertThat(sent).containsExactly("c", "b", "a", "f", "e", "d");
      assertThat(results(others, job)).isEqualTo(asRead).hasSize(2);
    }
  }

  @Test
  void aSplitThatRunsAloneKeepsTheOrderOfItsLines() throws Exception {
    try (WorkedJob job = job(files)) {
      job.suspectAll();
      job.sendIn(BACKWARDS);
      run(job);

      assertThat(sent).contains("a", "b", "c");
      assertThat(sent.stream().filter(name -> name.compareTo("c") <= 0))
          .containsExactly("a", "b", "c");
    }
  }

  @Test
  void asReadNoRowIsReadBeforeItIsAskedFor() throws Exception {
    try (WorkedJob job = job(files)) {
      AtomicInteger parsed = new AtomicInteger();
      Invalid invalid = new Invalid(null, ErrorCode.INVALID_JSON_LINE, "bad", null);
      RowFates fates =
          new RowFates(
              new RowFates.LineChecks(
                  line -> {
                    parsed.incrementAndGet();
                    return invalid;
                  },
                  invalid,
                  new BitSet(),
                  0,
                  new BitSet()),
              null);
      RowsToSend rows = new RowsToSend(new BitSet(), new BitSet(), 0, new BitSet(), false);
      try (SplitLines lines =
          new SplitLines(
              job.view(),
              job.splits().get(0),
              rows,
              fates,
              unused -> {
                throw new AssertionError("asked");
              })) {
        OpenRows open = RowOrder.AS_READ.of(lines);
        assertThat(parsed).hasValue(0);
        for (int line = 0; line < 3; line++) {
          OpenRow row = Objects.requireNonNull(open.next());
          assertThat(row.line()).isEqualTo(line);
          assertThat(parsed).hasValue(line + 1);
        }
        assertThat(open.next()).isNull();
      }
      assertThat(files.openReads()).isZero();
    }
  }
}
