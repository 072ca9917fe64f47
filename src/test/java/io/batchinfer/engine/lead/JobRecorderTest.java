package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.StorageException;
import io.batchinfer.testing.InMemoryFiles;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a run says of itself, and what of it a later run keeps. */
class JobRecorderTest {
  private static final SortedMap<String, String> IDENTITY = new TreeMap<>(Map.of("input", "hash"));
  private static final Counts DURABLE = counts(30, 2);

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final StoredJob stored = new StoredJob(files, 2, 50);
  private final JobFolder folder = stored.folder;

  private static Counts counts(long succeeded, long failed) {
    return new Counts(
        new RowCounts(succeeded, failed),
        new Spent(40, 1, new Usage(70, 30).at(Cost.of(2_500_000_000L))),
        new TreeMap<>());
  }

  private static JobRequest request(Map<String, List<String>> more) {
    Map<String, List<String>> flags = new TreeMap<>(more);
    flags.put("input", List.of("/in"));
    flags.put("base-url", List.of("http://a:1/v1"));
    ResolvedOptions options = OptionSources.builder().flags(flags).resolve();
    RunSecrets secrets = new RunSecrets(new TreeMap<>(), new TreeMap<>());
    return new JobRequest(options, secrets, StoredJob.ROOT, PriceTable.parse("prices", List.of()));
  }

  private JobRecorder planned(JobRecorder recorder, JobRequest request) {
    JobPrices prices = JobPrices.of(request.prices(), request.options(), stored.plan);
    recorder.planned(stored.plan, IDENTITY, Hash128.ZERO, prices);
    return recorder;
  }

  private JobRecord written() {
    return folder.readRecord().orElseThrow();
  }

  @Test
  void everyValueOfARunStandsInItsPlace() {
    JobRequest request = request(Map.of("metadata", List.of("team=a")));
    JobRecorder recorder = planned(JobRecorder.anew(folder, request, Optional.empty()), request);
    recorder.resumed(20);
    recorder.counted(DURABLE, 1.5);

    JobRecord record = recorder.write(JobStatus.EXPIRED, "Out of time.", 5);

    assertThat(record.jobId()).isEqualTo(JobRequest.jobId(Hash128.ZERO, folder.root()));
    assertThat(record.output()).isEqualTo(folder.root());
    assertThat(record.identity()).isEqualTo(IDENTITY);
    assertThat(record.definition().settings()).isEqualTo(request.options().asStrings());
    assertThat(record.definition().metadata()).isEqualTo(Map.of("team", "a"));
    assertThat(record.generation()).isEqualTo(JobRecord.Generation.FIRST);
    assertThat(record.standing())
        .isEqualTo(new JobRecord.Standing(JobStatus.EXPIRED, "Out of time.", 5, true));
    assertThat(record.rows()).isEqualTo(new JobRecord.Rows(stored.plan.rows(), 20, DURABLE));
    assertThat(record.cost()).hasValue(2.5);
    assertThat(record.currency()).isEqualTo("USD");
    assertThat(record.costs().unpricedModels()).isNotEmpty();
    assertThat(record.times().sendingSeconds()).isEqualTo(1.5);
    assertThat(record.times().completedAt()).isPresent();
    assertThat(written().rows()).isEqualTo(record.rows());
    assertThat(written().standing()).isEqualTo(record.standing());
  }

  @Test
  void progressIsWrittenWithoutChangingWhatTheEndWillSay() {
    JobRequest request = request(Map.of());
    JobRecorder recorder = planned(JobRecorder.anew(folder, request, Optional.empty()), request);
    recorder.counted(DURABLE, 1.5);

    recorder.writeProgress(counts(44, 4), 9.5, "http://a:1 is away");

    assertThat(written().status()).isEqualTo(JobStatus.RUNNING);
    assertThat(written().message()).isEqualTo("http://a:1 is away");
    assertThat(written().exitCode()).isZero();
    assertThat(written().counts().settled()).isEqualTo(48);
    assertThat(written().times().sendingSeconds()).isEqualTo(9.5);
    assertThat(written().times().completedAt()).isEmpty();
    assertThat(recorder.counts()).isEqualTo(DURABLE);
    assertThat(recorder.write(JobStatus.COMPLETED, "").counts()).isEqualTo(DURABLE);
  }

  @Test
  void aRunIsAtWorkFromItsFirstActiveRecordToItsLast() {
    JobRecorder recorder = JobRecorder.anew(folder, request(Map.of()), Optional.empty());
    assertThat(recorder.isAtWork()).isFalse();
    recorder.write(JobStatus.PLANNING, "");
    assertThat(recorder.isAtWork()).isTrue();
    recorder.write(JobStatus.CANCELLED, "");
    assertThat(recorder.isAtWork()).isFalse();
    recorder.write(JobStatus.PLANNING, "");
    recorder.delete();
    assertThat(recorder.isAtWork()).isFalse();
    assertThat(folder.readRecord()).isEmpty();
  }

  /** The record may be there although the storage said that it is not. */
  @Test
  void aRecordWhoseWriteFailedLeavesTheRunAtWork() {
    JobRecorder recorder = JobRecorder.anew(folder, request(Map.of()), Optional.empty());
    files.failWrites();
    assertThatThrownBy(() -> recorder.write(JobStatus.RUNNING, ""))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("job.json");
    assertThat(recorder.isAtWork()).isTrue();
  }

  @Test
  void aRunThatGoesOnKeepsIdStartAndGeneration() {
    JobRecord before = stored.write(JobStatus.INTERRUPTED, counts(1, 0));
    JobRequest request = request(Map.of());
    JobRecorder recorder = planned(JobRecorder.continuing(folder, request, before), request);

    JobRecord record = recorder.write(JobStatus.RUNNING, "");

    assertThat(record.jobId()).isEqualTo(before.jobId());
    assertThat(record.generation()).isEqualTo(before.generation());
    assertThat(record.times().startedAt()).isEqualTo(before.times().startedAt());
    assertThat(recorder.timeFrom()).isEqualTo(before.times().startedAt());
    Instant since = Instant.ofEpochSecond(1_800_000_000);
    recorder.reopened(since);
    assertThat(recorder.timeFrom()).isEqualTo(since);
  }

  @Test
  void aRunThatBeginsAnewIsTheNextGenerationUnderAnIdOfItsOwn() {
    JobRecord before = stored.write(JobStatus.COMPLETED, counts(1, 0));
    JobRequest request = request(Map.of("rerun", List.of("true"), "run-id", List.of("monday")));
    Optional<String> rerun = ExistingJob.rerunId(request.options());
    JobRecorder recorder = planned(JobRecorder.anew(folder, request, Optional.of(before)), request);

    JobRecord record = recorder.write(JobStatus.RUNNING, "");

    assertThat(rerun).isPresent();
    assertThat(record.generation()).isEqualTo(new JobRecord.Generation(2, rerun));
    assertThat(recorder.generation()).isEqualTo(2);
    assertThat(record.jobId()).isEqualTo(JobRequest.jobId(Hash128.ZERO, folder.root()));
    assertThat(record.times().startedAt()).isAfter(before.times().startedAt());
  }

  @Test
  void whoeverResumesOrRetriesHasTheWholeTimeAgain() {
    JobRecord before = stored.write(JobStatus.EXPIRED, counts(1, 0));
    for (String flag : List.of(RepeatOptions.RESUME.name(), RepeatOptions.RETRY_FAILED.name())) {
      JobRequest request = request(Map.of(flag, List.of("true")));
      JobRecorder recorder = JobRecorder.continuing(folder, request, before);
      recorder.reopened(Instant.EPOCH);
      assertThat(recorder.timeFrom()).as(flag).isAfter(before.times().startedAt());
    }
  }
}
