package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.JobJson;
import io.batchinfer.model.JobRecord;
import io.batchinfer.testing.InMemoryFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class NextTimeTest {
  private static final String CUT_OFF =
      "  Next time: 50 % of the answers were cut off by their token limit. (cut_off_answers)";

  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, "/out");

  private static JobRecord job(int failed, int truncated, int mayHaveRun) throws IOException {
    return JobJson.parse(
        """
        {"job_id": "batch_1", "status": "completed", "output": "/out", "total_requests": 100, "succeeded_requests": %d,
         "failed_requests": %d, "truncated_answers": %d, "may_have_run": %d, "attempts": 120,
         "identity": {}, "settings": {}, "started_at": "2026-03-01T10:00:00Z", "errors": {"context_length_exceeded": %d}}
        """
            .formatted(100 - failed, failed, truncated, mayHaveRun, failed)
            .getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void afterARunThatWentWellNothingIsSaid() throws IOException {
    assertThat(NextTime.afterRun(folder, job(0, 0, 0))).isEmpty();
    assertThat(NextTime.inFull(folder, job(0, 0, 0))).isEmpty();
  }

  @Test
  void afterARunTheTwoWeightiestAreSaidAndHowManyMoreThereAre() throws IOException {
    assertThat(NextTime.afterRun(folder, job(0, 50, 0))).containsExactly(CUT_OFF);
    assertThat(NextTime.afterRun(folder, job(20, 40, 20)))
        .containsExactly(
            "  Next time: 20 % of the rows failed, nearly all with the same error, context_length_exceeded. (one_error)",
            CUT_OFF, "  and 1 more: batchinfer status /out");
  }

  @Test
  void inFullEachHasWhatItRestsOnAndWhatToDo() throws IOException {
    List<String> lines = NextTime.inFull(folder, job(0, 50, 20));

    assertThat(lines)
        .contains(CUT_OFF, "    50 of 100 answers, finish_reason length.")
        .contains("    Option: --retry-ambiguous");
    assertThat(lines).filteredOn(line -> line.startsWith("  Next time:")).hasSize(2);
  }

  @Test
  void aCourseThatCannotBeReadIsSaidAndEndsNothing() throws IOException {
    files.put("/out/_course/20260301T100000Z-0001.json", "{".getBytes(StandardCharsets.UTF_8));

    assertThat(NextTime.afterRun(folder, job(0, 50, 0)))
        .singleElement()
        .asString()
        .startsWith("  How the run went could not be read: ");
  }
}
