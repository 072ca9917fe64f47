package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.WorkerRequest;
import io.batchinfer.engine.WorkerRequest.Kind;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.engine.send.SendingParts.Sent;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.Replay;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Usage;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RowName;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of the rows of a claimed split. */
class SplitReaderTest {
  private static final long LONG_ENOUGH_SECONDS = 30;
  private static final String BAD = "{\"custom_id\":\"bad\",";
  private static final String COPIED =
      "{\"id\":\"x\",\"custom_id\":\"other\",\"response\":{\"status_code\":200,\"request_id\":\"q\",\"body\":{\"choices\":[{\"message\":{\"content\":\"copied\"}}]}},\"error\":null}\n";
  private static final String FETCHED =
      "{\"custom_id\":\"r0-1\",\"response\":{\"status_code\":200,\"body\":{\"choices\":[{\"message\":{\"content\":\"fetched\"}}]}}}";

  private SendingParts parts = parts(Map.of(), "a", "b", "c");
  private SplitProgress progress = parts.progress();

  private static WorkedJob job(Map<String, String> options, String... names) {
    List<String> lines =
        Stream.of(names).map(name -> name.equals(BAD) ? BAD : WorkedJob.line(name)).toList();
    return new WorkedJob(
        InMemoryFiles.filesystem(), lines, lines.size(), Duration.ofSeconds(10), options);
  }

  private static SendingParts parts(Map<String, String> options, String... names) {
    return new SendingParts(job(options, names), 8);
  }

  private void reopen(SendingParts other) {
    parts.close();
    parts = other;
    progress = parts.progress();
  }

  @AfterEach
  void close() {
    parts.close();
  }

  private static SplitClaim claim() {
    return claim(false, List.of());
  }

  private static SplitClaim claim(boolean alone, List<Integer> blamed) {
    return new SplitClaim(0, Optional.empty(), List.of(), Optional.empty(), alone, blamed);
  }

  private static SplitClaim reopened(Optional<ErrorCode> closing, boolean alone) {
    return new SplitClaim(
        0,
        closing,
        List.of(),
        Optional.of(new ReopenedSplit(3, 1, RowsAgain.FAILED, Counts.ZERO)),
        alone,
        List.of());
  }

  private boolean read(SplitClaim claim) throws InterruptedException {
    return read(claim, RowOrder.AS_READ);
  }

  private boolean read(SplitClaim claim, RowOrder order) throws InterruptedException {
    Replay replay = Replay.of(parts.files, parts.job.folder.segments(), 0, claim.segments());
    return parts.reader(order).read(progress, claim, replay);
  }

  /** Reads on a thread of its own, until it waits or has ended. */
  private CompletableFuture<Boolean> reads(SplitClaim claim) {
    CompletableFuture<Boolean> end = new CompletableFuture<>();
    Thread thread =
        new Thread(
            () -> {
              try {
                end.complete(read(claim));
              } catch (Throwable thrown) {
                end.completeExceptionally(thrown);
              }
            },
            "worker");
    thread.setDaemon(true);
    thread.start();
    while (thread.getState() != Thread.State.TIMED_WAITING && !end.isDone()) {
      Thread.onSpinWait();
    }
    return end;
  }

  private List<String> sent() {
    return parts.open.stream()
        .map(sent -> sent.body().replaceAll(".*\"user\":\"([^\"]*)\".*", "$1"))
        .toList();
  }

  private List<Integer> lines() {
    return parts.entries().stream().map(JournalEntry::line).toList();
  }

  /** What the split's error part says of a row. */
  private void published(RowOutcome... failures) {
    StringBuilder lines = new StringBuilder();
    for (int line = 0; line < failures.length; line++) {
      lines.append(
          new String(
              parts.view.lineWriter().render(parts.split().row(line), "x", failures[line]),
              StandardCharsets.UTF_8));
    }
    parts.files.put(
        parts.job.folder.errorPart(0, 1), lines.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static Answered refused() {
    return new Answered(400, "", new byte[] {'{', '}'}, Usage.NONE, AnswerMarks.NONE, "no");
  }

  private static Unanswered lost() {
    return new Unanswered(ErrorCode.CONNECTION_ERROR, "lost", null);
  }

  @Test
  void everyOpenRowIsSentOnceInTheOrderOfItsLine() throws Exception {
    assertThat(read(claim())).isTrue();

    assertThat(sent()).containsExactly("a", "b", "c");
    assertThat(progress.kinds().of(1)).isNotNull();
    assertThat(parts.told(Kind.TRYING)).isZero();
  }

  @Test
  void aLineThatIsWrongIsSettledUnsentAndTheOthersGoOut() throws Exception {
    reopen(parts(Map.of(), "a", BAD, "c"));

    assertThat(read(claim())).isTrue();

    assertThat(sent()).containsExactly("a", "c");
    assertThat(lines()).containsExactly(1);
    assertThat(parts.entries().get(0).error()).isEqualTo(ErrorCode.INVALID_JSON_LINE.code());
    assertThat(progress.kinds().of(1)).isNull();
  }

  @Test
  void aRowWithAnAnswerFromElsewhereIsNotPaidForAgain() throws Exception {
    CopiesFile.writeAll(
        parts.job.folder,
        List.of(new CopiedAnswer(1, "/old", COPIED.getBytes(StandardCharsets.UTF_8))).iterator());

    assertThat(read(claim())).isTrue();

    assertThat(sent()).containsExactly("a", "c");
    assertThat(lines()).containsExactly(1);
    JournalEntry entry = parts.entries().get(0);
    assertThat(entry.marks().source()).isEqualTo(AnswerSource.EARLIER_OUTPUT);
    assertThat(SendingParts.line(entry)).contains("copied", "\"custom_id\":\"b\"");
  }

  @Test
  void aRowThatABatchServiceHasAnsweredIsNotPaidForAgain() throws Exception {
    reopen(parts(Map.of("via", "batch", "then", "interactive"), "a", "b", "c"));
    parts.files.put(parts.job.folder.remote() + "/round-000.json", new byte[] {'{', '}'});
    CopiesFile.writeAll(
        parts.job.folder,
        split -> new RemoteFolder(parts.job.folder).answers(0, split),
        List.of(new CopiedAnswer(RowName.key(0, 1), "", FETCHED.getBytes(StandardCharsets.UTF_8)))
            .iterator());

    assertThat(read(claim())).isTrue();

    assertThat(sent()).containsExactly("a", "c");
    assertThat(lines()).containsExactly(1);
    JournalEntry entry = parts.entries().get(0);
    assertThat(entry.marks().source()).isEqualTo(AnswerSource.BATCH_SERVICE);
    assertThat(SendingParts.line(entry)).contains("fetched", "\"custom_id\":\"b\"");
    assertThat(progress.kinds().of(1)).isNotNull();
  }

  @Test
  void aRowThatIsEqualToAnotherIsLeftOutUntilThatHasItsAnswer() throws Exception {
    WorkedJob job = job(Map.of("dedupe", "on"), "a", "b", "c");
    job.folder.writePlan(job.plan.withEqualRows(new EqualRowCounts(1, 0)));
    job.files.put(
        job.folder.equalRows(0) + "/part", ByteBuffer.allocate(Integer.BYTES).putInt(2).array());
    reopen(new SendingParts(job, 8));

    assertThat(read(claim())).isTrue();

    assertThat(sent()).containsExactly("a", "b");
    assertThat(lines()).isEmpty();
    assertThat(progress.leftOut().stream().boxed()).containsExactly(2);
  }

  @Test
  void aRowThatWorkersDiedOfDoesNotWaitForTheAnswerOfAnother() throws Exception {
    WorkedJob job = job(Map.of("dedupe", "on"), "a", "b", "c");
    job.folder.writePlan(job.plan.withEqualRows(new EqualRowCounts(1, 0)));
    job.files.put(
        job.folder.equalRows(0) + "/part", ByteBuffer.allocate(Integer.BYTES).putInt(2).array());
    reopen(new SendingParts(job, 8));

    assertThat(read(claim(false, List.of(2)))).isTrue();

    assertThat(lines()).containsExactly(2);
    assertThat(parts.entries().get(0).error()).isEqualTo(ErrorCode.ROW_CRASHES_WORKER.code());
    assertThat(progress.leftOut().isEmpty()).isTrue();
  }

  @Test
  void anAnswerThatIsThereIsTakenAlsoByAJobThatIsOver() throws Exception {
    CopiesFile.writeAll(
        parts.job.folder,
        List.of(new CopiedAnswer(1, "", COPIED.getBytes(StandardCharsets.UTF_8))).iterator());
    SplitClaim claim =
        new SplitClaim(
            0,
            Optional.of(ErrorCode.BATCH_CANCELLED),
            List.of(),
            Optional.empty(),
            false,
            List.of());

    assertThat(read(claim)).isTrue();

    assertThat(lines()).containsExactly(0, 1, 2);
    assertThat(parts.entries())
        .extracting(JournalEntry::success)
        .containsExactly(false, true, false);
  }

  @Test
  void aRowThatWorkersDiedOfIsNotSentAgain() throws Exception {
    assertThat(read(claim(false, List.of(1)))).isTrue();

    assertThat(sent()).containsExactly("a", "c");
    assertThat(lines()).containsExactly(1);
    assertThat(parts.entries().get(0).error()).isEqualTo(ErrorCode.ROW_CRASHES_WORKER.code());
    assertThat(SendingParts.line(parts.entries().get(0))).contains("\"custom_id\":\"b\"");
  }

  @ParameterizedTest
  @CsvSource({
    "BATCH_EXPIRED,the job's time ran out",
    "BATCH_CANCELLED,the job was cancelled",
    "BATCH_FAILED,the job was ended"
  })
  void aJobThatIsOverSendsNothingAndSaysWhy(ErrorCode closing, String why) throws Exception {
    SplitClaim claim =
        new SplitClaim(0, Optional.of(closing), List.of(), Optional.empty(), false, List.of(1));

    assertThat(read(claim)).isTrue();

    assertThat(sent()).isEmpty();
    assertThat(lines()).containsExactly(0, 1, 2);
    for (JournalEntry entry : parts.entries()) {
      assertThat(entry.error()).isEqualTo(closing.code());
      assertThat(SendingParts.line(entry))
          .contains("This request was not executed before " + why + ".");
    }
  }

  @Test
  void aRowThatWasToRunAgainIsNotSaidNeverToHaveRun() throws Exception {
    published(lost());

    assertThat(read(reopened(Optional.of(ErrorCode.BATCH_CANCELLED), false))).isTrue();

    assertThat(lines()).containsExactly(0);
    assertThat(SendingParts.line(parts.entries().get(0)))
        .contains("This request was to be executed again, but the job was cancelled before.");
  }

  private static String key(Sent sent) {
    return Objects.requireNonNull(sent.request().headers().get(OutboundRequest.IDEMPOTENCY_KEY));
  }

  /** The key under which a provider knows a row that was never refused. */
  private String firstKey(int line) {
    OutboundRequest first =
        parts.requests.outbound(
            parts.split().row(line),
            SendingParts.request("a", "/v1/chat/completions", "{}", -1),
            0,
            0);
    return Objects.requireNonNull(first.headers().get(OutboundRequest.IDEMPOTENCY_KEY));
  }

  @Test
  void aRefusedRowIsANewRequestAndALostOneIsTheSame() throws Exception {
    for (boolean alone : List.of(false, true)) {
      reopen(SendingParts.withKeys(job(Map.of(), "a", "b", "c"), 8));
      published(refused(), lost());
      List<String> keys = new CopyOnWriteArrayList<>();
      parts.whenSent =
          sent -> {
            keys.add(key(sent));
            sent.answer("x");
          };

      assertThat(read(reopened(Optional.empty(), alone))).isTrue();

      assertThat(keys).hasSize(2);
      assertThat(keys.get(0)).isNotEqualTo(firstKey(0));
      assertThat(keys.get(1)).isEqualTo(firstKey(1));
    }
  }

  @Test
  void whatWaitsForOthersLikeItGoesOutWhenTheSplitIsRead() throws Exception {
    String embedding =
        "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/embeddings\",\"body\":{\"model\":\"m\",\"input\":\"%s\"}}";
    reopen(
        new SendingParts(
            List.of(embedding.formatted("a", "a"), embedding.formatted("b", "b")),
            8,
            Map.of("embed-batch", "64")));

    assertThat(read(claim())).isTrue();

    assertThat(parts.open)
        .singleElement()
        .satisfies(sent -> assertThat(sent.body()).contains("[\"a\",\"b\"]"));
  }

  @Test
  void aRunThatIsStoppedReadsNoFurther() throws Exception {
    parts.stop();
    int[] asked = {0};

    assertThat(
            read(
                claim(),
                rows ->
                    () -> {
                      asked[0]++;
                      return rows.next();
                    }))
        .isFalse();

    assertThat(asked[0]).isOne();
    assertThat(sent()).isEmpty();
    assertThat(parts.files.openReads()).isZero();
  }

  @Test
  void anInputThatCannotBeReadIsNamed() {
    assertThatThrownBy(
            () ->
                read(
                    claim(),
                    rows ->
                        () -> {
                          throw new IOException("the disk");
                        }))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("/in/a.jsonl");
    assertThat(parts.files.openReads()).isZero();
  }

  @Test
  void theNextRowIsReadOnlyWhenTheJournalHasRoom() throws Exception {
    reopen(parts(Map.of(), BAD, BAD, BAD));
    List<Long> unflushed = new CopyOnWriteArrayList<>();
    parts.share.set(2);
    parts.whenShareIsAsked =
        () -> {
          if (parts.journal.unflushedBytes() > 1) {
            parts.journal.flush().toCompletableFuture().join();
            parts.waits.changed();
          }
        };

    assertThat(
            read(
                claim(),
                rows ->
                    () -> {
                      unflushed.add(parts.journal.unflushedBytes());
                      return rows.next();
                    }))
        .isTrue();

    assertThat(unflushed).hasSize(4).containsOnly(0L);
    assertThat(lines()).containsExactly(0, 1, 2);
  }

  @Test
  void aBrokenProcessDoesNotWaitForItsJournal() {
    reopen(parts(Map.of(), BAD, BAD));
    parts.share.set(2);
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    parts.whenShareIsAsked =
        () -> {
          if (parts.journal.unflushedBytes() > 1) {
            parts.failure.broke(cause);
          }
        };

    assertThatThrownBy(() -> read(claim())).isSameAs(cause);
  }

  @Test
  void ofASplitThatRunsAloneOneRowAtATimeIsUnderWayAndDurableBeforeTheNext() throws Exception {
    List<String> atTrying = new CopyOnWriteArrayList<>();
    parts.answers =
        request -> {
          if (request instanceof WorkerRequest.Trying trying) {
            atTrying.add(
                "%d: %d under way, %d not durable"
                    .formatted(trying.line(), parts.room.rows(), parts.journal.unflushedBytes()));
          }
          return CompletableFuture.completedFuture(new byte[] {1});
        };
    CompletableFuture<Boolean> reads = reads(claim(true, List.of()));
    assertThat(sent()).containsExactly("a");
    parts.whenSent = sent -> sent.answer("x");
    parts.answer("x");

    assertThat(reads.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(atTrying)
        .containsExactly(
            "0: 0 under way, 0 not durable",
            "1: 0 under way, 0 not durable",
            "2: 0 under way, 0 not durable");
    assertThat(parts.journal.unflushedBytes()).as("also after the last").isZero();
    assertThat(lines()).containsExactly(0, 1, 2);
  }

  @Test
  void aSplitThatRunsAloneWaitsNoLongerThanTheRun() throws Exception {
    CompletableFuture<Boolean> reads = reads(claim(true, List.of()));
    parts.stop();

    assertThat(reads.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).isFalse();
    assertThat(sent()).containsExactly("a");
  }

  @Test
  void aSplitThatRunsAloneEndsWithItsProcess() {
    CompletableFuture<Boolean> reads = reads(claim(true, List.of()));
    BatchException cause = new BatchException(ErrorCode.STORAGE_FAILED, "broken");
    parts.failure.broke(cause);

    assertThatThrownBy(() -> reads.get(LONG_ENOUGH_SECONDS, TimeUnit.SECONDS)).hasCause(cause);
  }
}
