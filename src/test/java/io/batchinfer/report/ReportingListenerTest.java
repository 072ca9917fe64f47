package io.batchinfer.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.report.page.SampleJob;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportingListenerTest {
  private final InMemoryFiles files = InMemoryFiles.filesystem();
  private final JobFolder folder = new JobFolder(files, "mem:/out");
  private final List<String> heard = new ArrayList<>();
  private final ReportingListener listener =
      new ReportingListener(
          new RunListener() {
            @Override
            public void ended(JobFolder ended) {
              heard.add("ended");
            }

            @Override
            public void notice(String message) {
              heard.add(message);
            }
          });

  @Test
  void theReportIsThereBeforeOthersHearOfTheEnd() {
    folder.writeRecord(SampleJob.record());

    listener.ended(folder);

    assertThat(new String(files.readAll(folder.report()), StandardCharsets.UTF_8))
        .contains("1,000,000");
    assertThat(heard).containsExactly("ended");
  }

  @Test
  void aReportThatCannotBeWrittenIsANotice() {
    folder.writeRecord(SampleJob.record());
    files.failWrites();

    listener.ended(folder);

    assertThat(heard).hasSize(2);
    assertThat(heard.get(0)).contains("could not be written", "batchinfer report mem:/out");
  }

  @Test
  void withoutAJobThereIsNoReport() {
    listener.ended(folder);

    assertThat(files.find(folder.report())).isEmpty();
    assertThat(heard).containsExactly("ended");
  }
}
