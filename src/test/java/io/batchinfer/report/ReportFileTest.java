package io.batchinfer.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.JobFolder;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportFileTest {
  private final JobFolder folder = new JobFolder(InMemoryFiles.filesystem(), "/out");

  private String page() {
    return new String(ReportFile.page(folder, SampleJob.record()), StandardCharsets.UTF_8);
  }

  private static RemoteWork work(int split, int rows) {
    return new RemoteWork(
        "/v1/chat/completions",
        "gpt-5-mini",
        List.of(new Piece(split, 0, rows)),
        new Load(rows, rows, 1000, 100, 50));
  }

  @Test
  void whatIsKnownOfBatchesAtTheProviderIsInIt() {
    RemoteBook book = RemoteBook.read(folder, "own");
    book.begin(List.of(work(0, 70), work(1, 30)));
    BatchNote first = book.ofLastRound().get(0);
    book.write(
        first
            .uploaded("file", 80, 5)
            .created("batch_abc", 3_600_000)
            .fetched(new BatchNote.Result(70, 2, 0, 1_500_000_000), 7_200_000));

    assertThat(page())
        .contains(
            "2 batches with 100 rows: 1 read, 0 at the provider, 1 not there yet. 2 rows of those that were read had no answer",
            "They cost 1.50 USD.",
            "batch_abc");
  }

  @Test
  void aJobWithoutSuchBatchesSaysNothingOfThem() {
    assertThat(page()).doesNotContain("id=\"batches\"");
  }
}
