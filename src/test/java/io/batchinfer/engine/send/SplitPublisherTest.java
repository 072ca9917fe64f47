package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.course.CourseFolder;
import io.batchinfer.course.KindCounts;
import io.batchinfer.course.RowSketch;
import io.batchinfer.course.SplitSketch;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How a split of which all rows are settled is published. */
class SplitPublisherTest {
  private static final long LONG_ENOUGH_SECONDS = 30;

  /** Where every flush is a file of its own, which can be deleted. */
  private final SendingParts parts =
      new SendingParts(new WorkedJob(InMemoryFiles.objectStore(), 2, 2, Map.of()), 4);

  private final SplitProgress progress = parts.progress();
  private final CompletableFuture<String> over = new CompletableFuture<>();
  private volatile boolean mayCommit = true;
  private volatile boolean accepted = true;
  private volatile Runnable whenAsked = () -> {};

  SplitPublisherTest() {
    parts.answers =
        request -> {
          if (request.kind() == Kind.COMMIT) {
            whenAsked.run();
          }
          boolean yes = request.kind() == Kind.COMMIT ? mayCommit : accepted;
          return CompletableFuture.completedFuture(new byte[] {(byte) (yes ? 1 : 0)});
        };
    parts.failure.whenFailed(() -> over.complete("failed"));
  }

  @AfterEach
  void close() {
    parts.close();
  }

  private void settle(int line, String text) {
    byte[] body = "{\"text\":\"%s\"}".formatted(text).getBytes(StandardCharsets.US_ASCII);
    progress.rowOpened();
    progress.kinds().note(line, SendingParts.request("x", "/v1/chat/completions", "{}", -1));
    parts
        .path
        .settler()
        .settle(
            progress,
            line,
            "x",
            new RowEnd(
                new Answered(200, "", body, Usage.NONE, AnswerMarks.NONE, ""), 1, 0, Stop.NEVER));
  }

  private static SplitClaim claim(Optional<ReopenedSplit> reopened) {
    return new SplitClaim(0, Optional.empty(), List.of(), reopened, false, List.of());
  }

  private Replay replay() {
    return Replay.of(
        parts.files,
        parts.job.folder.segments(),
        0,
        parts.journal.ranges(0).stream()
            .map(range -> SegmentName.parse(range.segment()).orElseThrow())
            .distinct()
            .toList());
  }

  private String publish(SplitClaim claim, Replay replay) throws Exception {
    parts.publisher.publish(progress, claim, replay, "w", () -> over.complete("over"));
    return over.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS);
  }

  private String publish() throws Exception {
    return publish(claim(Optional.empty()), replay());
  }

  private String results() {
    return new String(
        parts.files.content(parts.job.folder.resultPart(0, 1)), StandardCharsets.UTF_8);
  }

  private boolean isPublished() {
    return parts.files.paths().contains(parts.job.folder.resultPart(0, 1));
  }

  private List<String> segments() {
    return parts.files.paths().stream().filter(path -> path.endsWith(".segment")).toList();
  }

  @Test
  void whatIsNotDurableYetIsPublishedTooAndItsEntriesAreDeletedOnceTheDriverHasNotedIt()
      throws Exception {
    settle(0, "a");
    settle(1, "b");

    assertThat(publish()).isEqualTo("over");

    assertThat(results()).contains("{\"text\":\"a\"}", "{\"text\":\"b\"}");
    PartCounts counts = parts.job.folder.commits().read(0).orElseThrow();
    assertThat(parts.told)
        .containsExactly(new WorkerRequest.Commit(0), new WorkerRequest.Committed(0, counts));
    assertThat(parts.journal.ranges(0)).isEmpty();
    assertThat(segments()).isEmpty();
  }

  @Test
  void entriesOfWhichTheDriverHasNotNotedThatTheyAreNeedlessAreKept() throws Exception {
    settle(0, "a");
    settle(1, "b");
    accepted = false;

    assertThat(publish()).isEqualTo("over");

    assertThat(isPublished()).isTrue();
    assertThat(segments()).hasSize(1);
  }

  @Test
  void whatIsAnotherProcesssToPublishIsLeftToIt() throws Exception {
    settle(0, "a");
    settle(1, "b");
    mayCommit = false;

    assertThat(publish()).isEqualTo("over");

    assertThat(isPublished()).isFalse();
    assertThat(parts.told(Kind.COMMITTED)).isZero();
    assertThat(segments()).hasSize(1);
    assertThat(parts.journal.ranges(0)).isEmpty();
  }

  @Test
  void whatWasJournalledBeforeTheSplitWasClaimedIsPublishedOnce() throws Exception {
    settle(0, "before");
    parts.journal.flush().toCompletableFuture().join();
    Replay own = replay();
    settle(1, "after");

    assertThat(publish(claim(Optional.empty()), own)).isEqualTo("over");

    assertThat(results().lines()).hasSize(2);
    assertThat(results()).contains("before", "after");
    assertThat(parts.job.folder.commits().read(0).orElseThrow().counts().spent().attempts())
        .isEqualTo(2);
  }

  @Test
  void whatAnEarlierProcessJournalledIsPublishedWithTheRest() throws Exception {
    settle(0, "earlier");
    parts.journal.flush().toCompletableFuture().join();
    Replay earlier = replay();
    parts.journal.forget(0);
    settle(1, "own");

    assertThat(publish(claim(Optional.empty()), earlier)).isEqualTo("over");

    assertThat(results()).contains("earlier", "own");
  }

  @Test
  void aSplitThatRanAgainKeepsWhatItsRowsWereLikeBefore() throws Exception {
    settle(0, "a");
    settle(1, "b");
    assertThat(publish()).isEqualTo("over");
    SplitSketch first = new CourseFolder(parts.job.folder).sketch(0).orElseThrow();
    assertThat(first.rows().rows()).isEqualTo(2);
    RowSketch rows = first.rows();
    assertThat(rows.kinds().values()).containsExactly(new KindCounts(2, 0, 0, List.of()));
    settle(1, "again");
    Counts kept = new Counts(new RowCounts(1, 0), Spent.NOTHING, new TreeMap<>());
    CompletableFuture<String> again = new CompletableFuture<>();
    parts.publisher.publish(
        progress,
        claim(Optional.of(new ReopenedSplit(1, 1, RowsAgain.FAILED, kept))),
        replay(),
        "w",
        () -> again.complete("over"));

    assertThat(again.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).isEqualTo("over");
    assertThat(results()).contains("\"a\"", "again").doesNotContain("\"b\"");
    SplitSketch sketch = new CourseFolder(parts.job.folder).sketch(0).orElseThrow();
    assertThat(sketch.rows().rows()).as("each once").isEqualTo(2);
    assertThat(sketch.rows().finishReasons()).as("of every time").isEqualTo(Map.of("other", 3L));
  }

  @Test
  void whatCannotBePublishedEndsTheRunHere() throws Exception {
    settle(0, "a");

    assertThat(publish()).isEqualTo("failed");

    assertThat(parts.failure.cause()).hasMessageContaining("Split 0 has 2 rows to publish");
    assertThat(parts.told(Kind.COMMIT)).isZero();
  }

  @Test
  void aPublishingThatStandsIsToldOf() throws Exception {
    settle(0, "a");
    settle(1, "b");
    whenAsked = () -> parts.time.advance(Duration.ofMinutes(17));

    assertThat(publish()).isEqualTo("over");

    assertThat(parts.notices).singleElement().asString().contains("The publishing of split 0");
  }

  @Test
  void whoPublishesKeepsNoProcessAlive() throws Exception {
    settle(0, "a");
    settle(1, "b");
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    whenAsked = () -> thread.complete(Thread.currentThread());

    assertThat(publish()).isEqualTo("over");

    assertThat(thread.get().isDaemon()).isTrue();
  }

  @Test
  void afterTheEndNothingIsTakenAnyMore() {
    parts.publisher.close();

    assertThatThrownBy(this::publish).isInstanceOf(RejectedExecutionException.class);
  }
}
