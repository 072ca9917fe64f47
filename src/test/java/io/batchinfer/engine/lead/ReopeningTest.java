package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.lead.StoredJob.Endpoint;
import io.batchinfer.engine.proof.OutputProof;
import io.batchinfer.engine.proof.ResultStream;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import io.batchinfer.testing.InMemoryFiles;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows of a finished job that run again, and a crash after every operation on the files. */
class ReopeningTest {
  private static final int SPLITS = 4;
  private static final int LINES = 6;
  private static final int ROWS = SPLITS * LINES;

  /** Rows 0 to 5 succeed, 6 to 11 are mixed, 12 to 17 are invalid or succeed, the rest fails. */
  private static RowOutcome first(int row) {
    return switch (row / LINES) {
      case 0 -> StoredJob.answer("first " + row);
      case 1 ->
          switch (row % LINES) {
            case 0 -> StoredJob.refusal("http_400");
            case 1 -> StoredJob.none(ErrorCode.INVALID_JSON_LINE);
            case 2 -> StoredJob.none(ErrorCode.REQUEST_TIMEOUT);
            // An endpoint may call a refusal as this program calls an invalid line.
            case 3 -> StoredJob.refusal(ErrorCode.INVALID_TYPE.code());
            default -> StoredJob.answer("first " + row);
          };
      case 2 ->
          row % 2 == 0
              ? StoredJob.none(ErrorCode.DUPLICATE_CUSTOM_ID)
              : StoredJob.answer("first " + row);
      default -> StoredJob.none(ErrorCode.CONNECTION_ERROR);
    };
  }

  /** Of the rows that run a second time every fourth fails again. */
  private static RowOutcome second(int row) {
    return row % 4 == 0 ? StoredJob.refusal("again") : StoredJob.answer("second " + row);
  }

  private static final Set<Integer> REPEATABLE = Set.of(6, 8, 9, 18, 19, 20, 21, 22, 23);

  private enum Store {
    FILESYSTEM,
    OBJECTS;

    InMemoryFiles files() {
      return this == FILESYSTEM ? InMemoryFiles.filesystem() : InMemoryFiles.objectStore();
    }
  }

  /** Answers every row by the number of times it was asked for it, and remembers. */
  private static final class Asked implements Endpoint {
    private final BiFunction<Integer, Integer, RowOutcome> outcomes;
    private final Map<Integer, Integer> sent = new HashMap<>();
    private final Map<Integer, Integer> kept = new HashMap<>();

    Asked(BiFunction<Integer, Integer, RowOutcome> outcomes) {
      this.outcomes = outcomes;
    }

    @Override
    public RowOutcome send(int row) {
      sent.merge(row, 1, Integer::sum);
      return outcomes.apply(row, kept.getOrDefault(row, 0));
    }

    @Override
    public void durable(int row) {
      kept.merge(row, 1, Integer::sum);
    }

    int all() {
      return sent.values().stream().mapToInt(Integer::intValue).sum();
    }
  }

  private static StoredJob finished(Store store) {
    StoredJob job = new StoredJob(store.files(), SPLITS, LINES);
    job.run(ReopeningTest::first, false);
    return job;
  }

  private static Asked again() {
    return new Asked((row, times) -> second(row));
  }

  @ParameterizedTest
  @EnumSource
  void aRetryRunsWhatARepeatCanChangeAndKeepsTheRest(Store store) {
    StoredJob job = finished(store);
    JobRecord before = job.record().orElseThrow();
    SortedMap<String, String> parts = job.parts();
    Asked endpoint = again();

    JobRecord after = job.run(endpoint, true);

    assertThat(endpoint.sent.keySet()).isEqualTo(REPEATABLE);
    assertThat(endpoint.all()).isEqualTo(REPEATABLE.size());
    assertThat(before.counts().succeeded()).isEqualTo(11);
    assertThat(before.counts().errors())
        .isEqualTo(
            Map.of(
                "http_400", 1L,
                "invalid_json_line", 1L,
                "request_timeout", 1L,
                "invalid_type", 1L,
                "duplicate_custom_id", 3L,
                "connection_error", 6L));
    assertThat(after.status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(after.counts().errors())
        .isEqualTo(Map.of("invalid_json_line", 1L, "duplicate_custom_id", 3L, "again", 2L));
    assertThat(after.counts().succeeded()).isEqualTo(ROWS - 6);
    for (int untouched : new int[] {0, 2}) {
      String results = job.folder.resultPart(untouched, SPLITS);
      String errors = job.folder.errorPart(untouched, SPLITS);
      assertThat(job.parts().get(results)).isEqualTo(parts.get(results));
      assertThat(job.parts().get(errors)).isEqualTo(parts.get(errors));
    }
    assertThat(job.parts().get(job.folder.resultPart(1, SPLITS)))
        .contains("\"second 6\"", "\"second 9\"", "\"first 10\"", "\"first 11\"")
        .hasLineCount(4);
  }

  @ParameterizedTest
  @EnumSource
  void whatTheFirstTryOfAFailedRowCostStaysSpent(Store store) {
    StoredJob job = finished(store);
    JobRecord before = job.record().orElseThrow();

    JobRecord after = job.run(again(), true);

    assertThat(after.counts().attempts()).isEqualTo(before.counts().attempts() + REPEATABLE.size());
    assertThat(after.counts().usage())
        .isEqualTo(before.counts().usage().plus(times(REPEATABLE.size())));
  }

  private static Usage times(int tries) {
    return new Usage(
        StoredJob.TRY.promptTokens() * tries, StoredJob.TRY.completionTokens() * tries);
  }

  @ParameterizedTest
  @EnumSource
  void onlySplitsWithSuchRowsAreRewritten(Store store) {
    StoredJob job = finished(store);
    List<String> published = new ArrayList<>();
    job.files.before(
        operation -> {
          if (operation.startsWith("publish " + StoredJob.ROOT + "/results")
              || operation.startsWith("publish " + StoredJob.ROOT + "/errors")) {
            published.add(operation.replaceAll("\\D", ""));
          }
        });

    job.run(again(), true);

    assertThat(new HashSet<>(published)).isEqualTo(Set.of("00001", "00003"));
  }

  @Test
  void aRetryWithoutSuchRowsTouchesNothing() {
    StoredJob job = new StoredJob(InMemoryFiles.filesystem(), SPLITS, LINES);
    job.run(row -> row == 3 ? StoredJob.none(ErrorCode.INVALID_URL) : first(0), false);
    List<String> changes = new ArrayList<>();
    job.files.before(
        operation -> {
          if (!operation.matches("(find|open|list) .*")) {
            changes.add(operation);
          }
        });

    JobRecord after = job.run(again(), true);

    assertThat(after.status()).isEqualTo(JobStatus.COMPLETED);
    assertThat(changes).isEmpty();
  }

  @Test
  void aSecondRetryRunsWhatFailedAgain() {
    StoredJob job = finished(Store.FILESYSTEM);
    job.run(again(), true);
    Asked third = new Asked((row, times) -> StoredJob.answer("third " + row));

    JobRecord after = job.run(third, true);

    assertThat(third.sent.keySet()).isEqualTo(Set.of(8, 20));
    assertThat(after.counts().succeeded()).isEqualTo(ROWS - 4);
    assertThat(after.counts().attempts()).isEqualTo(ROWS + REPEATABLE.size() + 2);
  }

  @ParameterizedTest
  @EnumSource
  void aResumeRunsOnlyWhatWasClosedWithTheJob(Store store) {
    StoredJob job = new StoredJob(store.files(), SPLITS, LINES);
    Asked endpoint = new Asked((row, times) -> first(row));
    JobRecord cancelled = job.close(endpoint, 8, ErrorCode.BATCH_CANCELLED);
    Set<Integer> answered = Set.copyOf(endpoint.sent.keySet());

    JobRecord after = job.run(endpoint, false);

    assertThat(cancelled.counts().errors())
        .containsEntry(ErrorCode.BATCH_CANCELLED.code(), ROWS - 8L)
        .containsEntry("http_400", 1L);
    assertThat(answered).hasSize(8);
    assertThat(endpoint.all()).isEqualTo(ROWS);
    assertThat(after.counts().attempts()).isEqualTo(ROWS);
    StoredJob undisturbed = finished(store);
    assertThat(job.parts()).isEqualTo(undisturbed.parts());
    assertThat(after.counts()).isEqualTo(undisturbed.record().orElseThrow().counts());
  }

  @Test
  void answersOfAnOlderRunThatComeLateDoNotCountForTheRetry() {
    StoredJob job = new StoredJob(InMemoryFiles.filesystem(), SPLITS, LINES);
    Map<String, byte[]> late = new HashMap<>();
    job.run(
        new Endpoint() {
          @Override
          public RowOutcome send(int row) {
            return first(row);
          }

          @Override
          public void durable(int row) {
            for (String path : job.files.paths()) {
              if (path.endsWith(".segment")) {
                late.put(path, job.files.content(path));
              }
            }
          }
        },
        false);
    late.forEach(job.files::put);
    Asked endpoint = again();

    job.run(endpoint, true);

    assertThat(endpoint.sent.keySet()).isEqualTo(REPEATABLE);
  }

  @ParameterizedTest
  @EnumSource
  void aRetryThatCrashesAfterAnyOperationGoesOnWithoutPayingTwice(Store store) {
    StoredJob undisturbed = finished(store);
    JobRecord expected = undisturbed.run(again(), true);
    int crashes =
        crashEverywhere(
            () -> finished(store),
            ReopeningTest::again,
            (job, endpoint) -> job.run(endpoint, true),
            undisturbed.parts(),
            expected);
    assertThat(crashes).isGreaterThan(100);
  }

  @ParameterizedTest
  @EnumSource
  void aResumeThatCrashesAfterAnyOperationGoesOnWithoutPayingTwice(Store store) {
    Supplier<StoredJob> cancelled =
        () -> {
          StoredJob job = new StoredJob(store.files(), SPLITS, LINES);
          job.close(ReopeningTest::first, 8, ErrorCode.BATCH_CANCELLED);
          return job;
        };
    Supplier<Asked> endpoint = () -> new Asked((row, times) -> first(row));
    StoredJob undisturbed = cancelled.get();
    JobRecord expected = undisturbed.run(endpoint.get(), false);
    int crashes =
        crashEverywhere(
            cancelled,
            endpoint,
            (job, rows) -> job.run(rows, false),
            undisturbed.parts(),
            expected);
    assertThat(crashes).isGreaterThan(100);
  }

  /**
   * Crashes before the first operation, before the second, and so on until one run gets through.
   */
  private static int crashEverywhere(
      Supplier<StoredJob> jobs,
      Supplier<Asked> endpoints,
      BiFunction<StoredJob, Asked, JobRecord> command,
      SortedMap<String, String> expectedParts,
      JobRecord expected) {
    for (int crashAt = 0; ; crashAt++) {
      StoredJob job = jobs.get();
      Asked endpoint = endpoints.get();
      String crash = crash(job, crashAt, () -> command.apply(job, endpoint));
      String when = "crash before operation " + crashAt + ": " + crash;
      if (crash.isEmpty()) {
        return crashAt;
      }
      assertHonest(job, when);

      boolean begun =
          job.folder.readReopening().isPresent() || !job.record().orElseThrow().status().isFinal();
      JobRecord after = begun ? job.run(endpoint, false) : command.apply(job, endpoint);

      assertThat(job.parts()).as(when).isEqualTo(expectedParts);
      assertThat(after.status()).as(when).isEqualTo(JobStatus.COMPLETED);
      assertThat(after.counts()).as(when).isEqualTo(expected.counts());
      assertThat(job.files.find(job.folder.success())).as(when).isPresent();
      endpoint.kept.forEach((row, times) -> assertThat(times).as(when).isEqualTo(1));
      assertThat(endpoint.all()).as(when).isLessThanOrEqualTo(endpoint.kept.size() + 1);
    }
  }

  /** Runs until that operation, which and all later ones fail; the operation, or empty. */
  private static String crash(StoredJob job, int at, Supplier<JobRecord> run) {
    // Files are also read and written by threads beside this one.
    AtomicInteger operations = new AtomicInteger();
    List<String> failed = Collections.synchronizedList(new ArrayList<>());
    job.files.before(
        operation -> {
          if (operations.getAndIncrement() >= at) {
            failed.add(operation);
            throw new IOException("the process is gone");
          }
        });
    try {
      JobRecord unused = run.get();
    } catch (io.batchinfer.storage.StorageException | CompletionException e) {
      assertThat(failed).isNotEmpty();
    }
    job.files.before(operation -> {});
    return failed.isEmpty() ? "" : failed.get(0);
  }

  /** Whatever a reader can see is true: committed pairs are whole, a finished job is proven. */
  private static void assertHonest(StoredJob job, String when) {
    JobRecord record = job.record().orElseThrow();
    for (int committed : job.folder.commits().splits()) {
      Split split = job.plan.splits().get(committed);
      assertThat(job.disprove(split)).as(when).isEmpty();
    }
    ResultStream stream = new ResultStream(job.folder, record, job.plan);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      stream.copy(ResultStream.Rows.SUCCEEDED, bytes);
      stream.copy(ResultStream.Rows.FAILED, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    long lines = bytes.toString(java.nio.charset.StandardCharsets.US_ASCII).lines().count();
    assertThat(lines).as(when).isEqualTo(stream.rows());
    if (record.status().isFinal()) {
      assertThat(new OutputProof(job.folder, record, job.plan).examine(1).problems())
          .as(when)
          .isEmpty();
    }
  }
}
