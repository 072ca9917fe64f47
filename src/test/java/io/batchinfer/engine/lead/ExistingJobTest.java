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
}
