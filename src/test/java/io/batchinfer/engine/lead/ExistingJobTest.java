package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.storage.TemporaryName;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** What an output may hold when a run begins. */
class ExistingJobTest {
  private static final String ROOT = "/out";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, ROOT);
  private final ResolvedOptions options =
      OptionSources.builder()
          .flags(Map.of("input", List.of("/in"), "base-url", List.of("http://a:1")))
          .resolve();

  private JobRecord record() {
    return new JobRecord(
        new Definition("", ROOT, options.identity(), new TreeMap<>(), Map.of()),
        Generation.FIRST,
        Standing.of(JobStatus.PLANNING, "", 0),
        new Rows(0, 0, Counts.ZERO),
        Costs.UNKNOWN,
        new Times(Instant.EPOCH, Optional.empty(), 0, 0));
  }

  @Test
  void anEmptyFolderHoldsNoJob() {
    assertThat(ExistingJob.check(folder, options)).isEmpty();
  }

  @Test
  void filesOfSomebodyElseAreNotTouched() {
    files.replace(ROOT + "/letters.txt", "dear".getBytes(StandardCharsets.UTF_8));

    assertThatThrownBy(() -> ExistingJob.check(folder, options))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("is not empty and holds no job");
  }

  @Test
  void whatARunIsJustWritingOrDiedOverIsNotSomebodyElses() {
    files.put(TemporaryName.of(ROOT + "/job.json"), new byte[5]);
    assertThat(ExistingJob.check(folder, options)).isEmpty();

    files.put(ROOT + "/job.json.tmp-1", new byte[5]);
    assertThatThrownBy(() -> ExistingJob.check(folder, options))
        .hasMessageContaining("is not empty and holds no job");
  }

  @Test
  void aJobWhoseFirstFileIsWrittenBetweenTwoLooksIsNotRefused() {
    AtomicBoolean begun = new AtomicBoolean();
    files.before(
        operation -> {
          if (operation.equals("list " + ROOT) && begun.compareAndSet(false, true)) {
            files.put(TemporaryName.of(ROOT + "/job.json"), new byte[0]);
          }
        });

    assertThat(ExistingJob.check(folder, options)).isEmpty();
    assertThat(begun).isTrue();
  }

  @Test
  void aJobThatBeginsBetweenTwoLooksIsOne() {
    AtomicBoolean begun = new AtomicBoolean();
    files.before(
        operation -> {
          if (operation.equals("list " + ROOT) && begun.compareAndSet(false, true)) {
            folder.writeRecord(record());
          }
        });

    assertThat(ExistingJob.check(folder, options))
        .map(JobRecord::status)
        .contains(JobStatus.PLANNING);
    assertThat(begun).isTrue();
  }

  private ResolvedOptions with(String... more) {
    Map<String, List<String>> flags =
        new TreeMap<>(Map.of("input", List.of("/in"), "base-url", List.of("http://a:1")));
    for (int i = 0; i < more.length; i += 2) {
      flags.put(more[i], List.of(more[i + 1]));
    }
    return OptionSources.builder().flags(flags).resolve();
  }

  private JobRecord record(JobStatus status, Optional<String> rerun, Map<String, String> settings) {
    return new JobRecord(
        new Definition("", ROOT, options.identity(), new TreeMap<>(settings), Map.of()),
        new Generation(Generation.FIRST.number(), rerun),
        Standing.of(status, "", 0),
        new Rows(0, 0, Counts.ZERO),
        Costs.UNKNOWN,
        new Times(Instant.EPOCH, Optional.empty(), 0, 0));
  }

  private JobRecord record(JobStatus status, Optional<String> rerun) {
    return record(status, rerun, Map.of());
  }

  @Test
  void aRerunWithARunIdBeginsOnce() {
    ResolvedOptions first = with("rerun", "true", "run-id", "monday");
    JobRecord begun = record(JobStatus.COMPLETED, Optional.of("monday"));

    assertThat(ExistingJob.startsAnew(record(JobStatus.COMPLETED, Optional.empty()), first))
        .isTrue();
    assertThat(ExistingJob.startsAnew(begun, first)).isFalse();
    assertThat(ExistingJob.startsAnew(begun, with("rerun", "true", "run-id", "tuesday"))).isTrue();
    assertThat(ExistingJob.startsAnew(begun, with())).isFalse();
  }

  @Test
  void aRerunWithoutARunIdBeginsAgainOnceItsJobIsOver() {
    ResolvedOptions rerun = with("rerun", "true");

    assertThat(ExistingJob.startsAnew(record(JobStatus.RUNNING, Optional.of("")), rerun)).isFalse();
    assertThat(ExistingJob.startsAnew(record(JobStatus.COMPLETED, Optional.of("")), rerun))
        .isTrue();
  }

  @Test
  void aRerunOfAnotherJobReplacesIt() {
    ResolvedOptions other = with("rerun", "true", "run-id", "monday", "model", "m");

    assertThat(ExistingJob.startsAnew(record(JobStatus.RUNNING, Optional.of("monday")), other))
        .isTrue();
  }

  @Test
  void aJobIsOverUnlessTheCommandGoesOnWithIt() {
    JobRecord completed = record(JobStatus.COMPLETED, Optional.empty());
    JobRecord cancelled = record(JobStatus.CANCELLED, Optional.empty());

    assertThat(ExistingJob.isOver(folder, completed, with())).isTrue();
    assertThat(ExistingJob.isOver(folder, completed, with("resume", "true"))).isTrue();
    assertThat(ExistingJob.isOver(folder, completed, with("retry-failed", "true"))).isFalse();
    assertThat(ExistingJob.isOver(folder, completed, with("rerun", "true"))).isFalse();
    assertThat(ExistingJob.isOver(folder, cancelled, with())).isTrue();
    assertThat(ExistingJob.isOver(folder, cancelled, with("resume", "true"))).isFalse();
    assertThat(ExistingJob.isOver(folder, record(JobStatus.RUNNING, Optional.empty()), with()))
        .isFalse();
  }

  @Test
  void anExpiredJobGoesOnWhereItGetsMoreTime() {
    JobRecord expired = record(JobStatus.EXPIRED, Optional.empty(), Map.of("timeout-hours", "2.0"));

    assertThat(ExistingJob.isOver(folder, expired, with("timeout-hours", "2"))).isTrue();
    assertThat(ExistingJob.isOver(folder, expired, with("timeout-hours", "1"))).isTrue();
    assertThat(ExistingJob.isOver(folder, expired, with("timeout-hours", "2.5"))).isFalse();
    assertThat(ExistingJob.isOver(folder, expired, with())).isFalse();
    assertThat(ExistingJob.isOver(folder, expired, with("timeout-hours", "1", "resume", "true")))
        .isFalse();
    JobRecord completed =
        record(JobStatus.COMPLETED, Optional.empty(), Map.of("timeout-hours", "2.0"));
    assertThat(ExistingJob.isOver(folder, completed, with("timeout-hours", "3"))).isTrue();
  }
}
