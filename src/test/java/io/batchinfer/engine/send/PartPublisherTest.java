package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.send.PartPublisher.Prepared;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the parts of a split come into place. */
class PartPublisherTest {
  private static final byte[] SKETCH = "{\"millis\":7}".getBytes(StandardCharsets.US_ASCII);
  private static final Unanswered LOST =
      new Unanswered(ErrorCode.CONNECTION_ERROR, "was lost", null);

  private final SendingParts parts =
      new SendingParts(Stream.of("a", "b").map(WorkedJob::line).toList(), 1, Map.of());
  private final String results = parts.job.folder.resultPart(0, 1);
  private final String errors = parts.job.folder.errorPart(0, 1);
  private final PartPublisher publisher =
      new PartPublisher(
          parts.job.folder,
          parts.view.keys(),
          1,
          new SplitAssembler(parts.files, parts.job.folder.segments(), 1 << 20));

  @AfterEach
  void close() {
    parts.close();
  }

  private static Answered answer(String text) {
    byte[] body = "{\"text\":\"%s\"}".formatted(text).getBytes(StandardCharsets.US_ASCII);
    return new Answered(200, "", body, Usage.NONE, AnswerMarks.NONE, "");
  }

  private void settle(int line, RowOutcome outcome) {
    SplitProgress progress = parts.progress();
    progress.rowOpened();
    parts.path.settler().settle(progress, line, "x", new RowEnd(outcome, 1, 0, Stop.NEVER));
    parts.journal.flush().toCompletableFuture().join();
  }

  private Prepared prepare(Optional<ReopenedSplit> reopened, int... leftOut) {
    BitSet lines = new BitSet();
    for (int line : leftOut) {
      lines.set(line);
    }
    return publisher.prepare(parts.split(), parts.journal.ranges(0), reopened, lines, "attempt");
  }

  private Assembled publish(Optional<ReopenedSplit> reopened, int... leftOut) {
    return publisher.publish(prepare(reopened, leftOut), SKETCH);
  }

  private static Optional<ReopenedSplit> reopened(Counts kept) {
    return Optional.of(new ReopenedSplit(1, 1, RowsAgain.FAILED, kept));
  }

  private String content(String path) {
    return new String(parts.files.content(path), StandardCharsets.UTF_8);
  }

  private boolean isThere(String path) {
    return parts.files.paths().contains(path);
  }

  @Test
  void resultsAndErrorsComeIntoPlaceAndTheSplitIsMarked() throws Exception {
    settle(0, answer("yes"));
    settle(1, LOST);

    Prepared prepared = prepare(Optional.empty());
    assertThat(isThere(results)).as("not before the driver agrees").isFalse();
    Assembled assembled = publisher.publish(prepared, SKETCH);

    assertThat(content(results)).contains("yes");
    assertThat(content(errors)).contains("was lost");
    assertThat(isThere(parts.job.folder.rowFacts(0))).isTrue();
    assertThat(assembled.rows()).isEqualTo(2);
    assertThat(parts.job.folder.commits().read(0)).contains(assembled.counts());
    assertThat(parts.job.folder.commits().readRows(0))
        .hasValueSatisfying(
            rows ->
                assertThat(new String(rows, StandardCharsets.US_ASCII)).contains("\"millis\":7"));
    assertThat(parts.files.paths()).noneMatch(path -> path.contains("/assembly/"));
  }

  @Test
  void aSplitWithoutErrorsHasNoErrorPart() {
    settle(0, answer("yes"));
    settle(1, answer("no"));

    publish(Optional.empty());

    assertThat(content(results).lines()).hasSize(2);
    assertThat(isThere(errors)).isFalse();
  }

  @Test
  void whatSucceedsWhenItRunsAgainIsNoLongerAmongTheErrors() {
    settle(0, answer("yes"));
    settle(1, LOST);
    Assembled first = publish(Optional.empty());
    parts.journal.forget(0);
    settle(1, answer("at last"));
    Counts kept = new Counts(new RowCounts(1, 0), first.counts().counts().spent(), new TreeMap<>());

    Assembled again = publish(reopened(kept));

    assertThat(content(results).lines()).hasSize(2);
    assertThat(content(results)).contains("yes", "at last");
    assertThat(isThere(errors)).isFalse();
    assertThat(again.counts().round()).isOne();
    assertThat(parts.job.folder.commits().read(0)).contains(again.counts());
  }

  @Test
  void aSplitIsNotMarkedWhileOnlyOneOfItsPartsIsNew() {
    settle(0, answer("yes"));
    settle(1, LOST);
    publish(Optional.empty());
    List<String> operations = new CopyOnWriteArrayList<>();
    parts.files.before(
        operation -> {
          operations.add(operation);
          if (operation.equals("publish " + errors)) {
            throw new IOException("the disk");
          }
        });

    assertThatThrownBy(() -> publish(Optional.empty())).isInstanceOf(StorageException.class);

    assertThat(parts.job.folder.commits().read(0)).isEmpty();
    assertThat(operations).contains("publish " + results);
  }

  @Test
  void rowsThatWaitForEqualOnesAreNeitherPublishedNorMissed() {
    settle(0, answer("yes"));

    Assembled assembled = publish(Optional.empty(), 1);

    assertThat(assembled.rows()).isOne();
    assertThat(content(results).lines()).hasSize(1);
  }

  @Test
  void aSplitOfWhichARowIsMissingIsNotPublished() {
    settle(0, answer("yes"));

    assertThatThrownBy(() -> publish(Optional.empty()))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("Split 0 has 2 rows to publish, but its journal settles 1");
    assertThat(isThere(results)).isFalse();
  }

  @Test
  void aSplitWhoseCountsDifferFromItsRowsIsNotPublished() {
    settle(0, answer("yes"));
    settle(1, LOST);
    publish(Optional.empty());
    parts.journal.forget(0);
    settle(1, answer("at last"));

    assertThatThrownBy(() -> publish(reopened(Counts.ZERO)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("settles 2 and counts 1");
    assertThat(content(errors)).contains("was lost");
  }
}
