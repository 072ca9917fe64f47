package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.lead.EarlierJobs.EarlierJob;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Split;
import io.batchinfer.storage.FileStores;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which outputs a job may take answers from. */
class EarlierJobsTest {
  private static final SortedMap<String, String> IDENTITY = new TreeMap<>(Map.of("model", "m"));

  @TempDir Path directory;

  private final FileStores stores = new FileStores(Configuration::new);

  private JobFolder folder(String name) {
    return new JobFolder(stores, stores.qualify(directory.resolve(name).toString()));
  }

  private String own() {
    return folder("own").root();
  }

  private void writeRecord(JobFolder folder) {
    folder.writeRecord(
        new JobRecord(
            new Definition("batch_1", folder.root(), IDENTITY, new TreeMap<>(), Map.of()),
            Generation.FIRST,
            Standing.of(JobStatus.COMPLETED, "", 0),
            new Rows(2, 0, Counts.ZERO),
            Costs.UNKNOWN,
            new Times(Instant.EPOCH, Optional.empty(), 0, 0)));
  }

  private static Split split(int index, int unit) {
    return new Split(index, 0, "file:/in", 0, 1, unit, 0, 1 + index, 1, 1, 0, Hash128.ZERO, 0);
  }

  private static void writePlan(JobFolder folder) {
    folder.writePlan(
        new Plan(
            List.of(new InputFile(0, "file:/in", 1, 0, Hash128.ZERO)),
            List.of(split(0, 0), split(1, 2)),
            Hash128.ZERO));
  }

  private void refuses(String name, String why) {
    String given = directory.resolve(name).toString();
    assertThatThrownBy(() -> EarlierJobs.of(stores, List.of(given), own()))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("--reuse \"" + given + "\" " + why);
  }

  @Test
  void aPlannedJobIsOneToReuse() {
    JobFolder folder = folder("before");
    writeRecord(folder);
    writePlan(folder);
    stores.replace(folder.rowHashes(0), new byte[0]);

    List<EarlierJob> jobs =
        EarlierJobs.of(stores, List.of(directory.resolve("before").toString()), own());

    assertThat(jobs).hasSize(1);
    assertThat(jobs.get(0).root()).isEqualTo(folder.root());
    assertThat(jobs.get(0).hash()).isEqualTo(JobRequest.jobHash(IDENTITY));
    assertThat(jobs.get(0).plan().splits()).hasSize(2);
    assertThat(jobs.get(0).units()).isEqualTo(3);
  }

  @Test
  void theJobsOwnOutputIsNot() {
    refuses("own", "is the job's own output");
    refuses("own/", "is the job's own output");
  }

  @Test
  void aFolderWithoutAJobIsNot() {
    refuses("before", "holds no job");
  }

  @Test
  void aJobThatNeverGotBeyondItsPlanningIsNot() {
    writeRecord(folder("before"));

    refuses("before", "has no plan");
  }

  @Test
  void aJobThatDidNotNoteWhatItsLinesAskIsNot() {
    JobFolder folder = folder("before");
    writeRecord(folder);
    writePlan(folder);

    refuses("before", "was planned by an earlier version");
  }
}
