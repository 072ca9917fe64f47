package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteLine;
import io.batchinfer.remote.RowName;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What rounds of batches make of a row. */
class RemoteAnswersTest {
  private static final Request ROW =
      new Request(
          "a",
          "/v1/chat/completions",
          "{}".getBytes(UTF_8),
          "m",
          -1,
          false,
          PromptOutline.of("{}".getBytes(UTF_8)));
  private static final String ANSWER =
      "{\"custom_id\":\"r0-1\",\"response\":{\"status_code\":200,\"body\":{\"n\":%d}}}";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private @Nullable WorkedJob job;
  private int rounds;

  private WorkedJob job(Map<String, String> options) {
    List<String> lines = IntStream.range(0, 4).mapToObj(i -> WorkedJob.line("row-" + i)).toList();
    WorkedJob opened = new WorkedJob(files, lines, 10, Duration.ofSeconds(10), options);
    job = opened;
    return opened;
  }

  private static Map<String, String> batches(String... more) {
    Map<String, String> options = new TreeMap<>(Map.of("via", "batch"));
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private WorkedJob job() {
    return Objects.requireNonNull(job);
  }

  /** Adds a round of which line 1 has that. */
  private void round(byte @Nullable [] line) {
    files.put("%s/round-%03d.json".formatted(job().folder.remote(), rounds), new byte[] {'{', '}'});
    int round = rounds++;
    if (line != null) {
      CopiesFile.writeAll(
          job().folder,
          split -> new RemoteFolder(job().folder).answers(round, split),
          List.of(new CopiedAnswer(RowName.key(0, 1), "", line)).iterator());
    }
  }

  private static byte[] failed() {
    return RemoteLine.unanswered(RowName.key(0, 1), "batch_expired", "late");
  }

  private static byte[] answered(int n) {
    return ANSWER.formatted(n).getBytes(StandardCharsets.US_ASCII);
  }

  private @Nullable RowFate toSettle(boolean closing) {
    try (RemoteAnswers answers = RemoteAnswers.toSettle(job().view(), job().splits().get(0))) {
      assertThat(answers.fateOf(0, ROW, closing)).isNull();
      return answers.fateOf(1, ROW, closing);
    }
  }

  private @Nullable RowFate toCut() {
    try (RemoteAnswers answers = RemoteAnswers.toCut(job().view(), job().splits().get(0))) {
      return answers.fateOf(1, ROW, false);
    }
  }

  private static RowFate.Fetched fetched(@Nullable RowFate fate) {
    return (RowFate.Fetched) Objects.requireNonNull(fate);
  }

  @AfterEach
  void end() {
    if (job != null) {
      job.close();
    }
  }

  @Test
  void anAnswerIsTakenFromTheRoundThatHasIt() {
    job(batches());
    round(failed());
    round(null);
    round(answered(1));
    round(answered(2));

    RowFate.Fetched fetched = fetched(toSettle(false));

    assertThat(new String(fetched.line().body(), StandardCharsets.US_ASCII)).isEqualTo("{\"n\":1}");
    assertThat(fetched.attempts()).isEqualTo(2);
    assertThat(fetched.request()).isEqualTo(ROW);
    assertThat(toCut()).isInstanceOf(RowFate.Fetched.class);
  }

  @Test
  void whatHasNoAnswerEndsAsTheLastRoundSaidUnlessTheJobIsOver() {
    job(batches());
    round(failed());

    RowFate.Fetched fetched = fetched(toSettle(false));

    assertThat(fetched.line().code()).isEqualTo("batch_expired");
    assertThat(toSettle(true)).isNull();
  }

  @Test
  void whatHasNoAnswerGoesOutByItselfWhereThatIsWanted() {
    job(batches("then", "interactive"));
    round(failed());

    assertThat(toSettle(false)).isNull();
    // And into no second batch.
    assertThat(toCut()).isInstanceOf(RowFate.Fetched.class);
  }

  @Test
  void aRowIsInAsManyBatchesAsItMayBeTried() {
    job(batches("max-attempts", "2"));
    round(failed());
    assertThat(toCut()).isNull();

    round(failed());
    RowFate.Fetched fetched = fetched(toCut());

    assertThat(fetched.attempts()).isEqualTo(2);
  }

  @Test
  void aRowThatNoBatchTakesEndsOnlyWhereNothingElseMaySendIt() {
    job(batches());
    RemoteAnswers only = RemoteAnswers.toSettle(job(batches()).view(), job().splits().get(0));
    RowFate.Unsent unsent = (RowFate.Unsent) only.otherwise(ROW);
    assertThat(unsent.customId()).isEqualTo("a");
    assertThat(unsent.outcome().code()).isEqualTo(ErrorCode.NOT_BATCHED);
    RemoteAnswers cut = RemoteAnswers.toCut(job().view(), job().splits().get(0));
    assertThat(cut.otherwise(ROW)).isEqualTo(new RowFate.Sent(ROW));
    end();

    WorkedJob then = job(batches("then", "interactive"));
    assertThat(RemoteAnswers.toSettle(then.view(), then.splits().get(0)).otherwise(ROW))
        .isEqualTo(new RowFate.Sent(ROW));
    end();

    WorkedJob interactive = job(Map.of());
    assertThat(
            RemoteAnswers.toSettle(interactive.view(), interactive.splits().get(0)).otherwise(ROW))
        .isEqualTo(new RowFate.Sent(ROW));
    assertThat(RemoteAnswers.none().otherwise(ROW)).isEqualTo(new RowFate.Sent(ROW));
  }

  @Test
  void anAnswerThatCannotBeReadAnyMoreIsNotTakenForNone() {
    job(batches());
    round("{\"custom_id\":".getBytes(StandardCharsets.US_ASCII));

    assertThatThrownBy(() -> toSettle(false)).isInstanceOf(StorageException.class);
  }

  @Test
  void theFilesOfAllRoundsAreClosed() {
    job(batches());
    round(failed());
    round(answered(1));

    try (RemoteAnswers answers = RemoteAnswers.toSettle(job().view(), job().splits().get(0))) {
      assertThat(answers.fateOf(1, ROW, false)).isNotNull();
      assertThat(files.openReads()).isPositive();
    }
    assertThat(files.openReads()).isZero();
  }

  @Test
  void aRoundThatCannotBeOpenedLeavesNoOtherOpen() {
    job(batches());
    round(failed());
    round(answered(1));
    AtomicInteger opened = new AtomicInteger();
    files.before(
        operation -> {
          if (operation.startsWith("open")
              && operation.contains("/answers/")
              && opened.incrementAndGet() == 2) {
            throw new IOException("scripted");
          }
        });

    assertThatThrownBy(() -> RemoteAnswers.toSettle(job().view(), job().splits().get(0)))
        .isInstanceOf(StorageException.class);

    assertThat(opened).hasValue(2);
    assertThat(files.openReads()).isZero();
  }
}
