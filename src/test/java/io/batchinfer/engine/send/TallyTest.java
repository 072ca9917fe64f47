package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.journal.JournalEntry;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Usage;
import io.batchinfer.quota.QuotaRequest.Progress;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A process's running totals. */
class TallyTest {
  private static JournalEntry entry(boolean success, String error, int attempts, Usage usage) {
    return new JournalEntry(
        0, success, false, AnswerMarks.NONE, attempts, 0, usage, error, new byte[0]);
  }

  @Test
  void everythingOfARowIsCountedOnce() {
    Tally tally = new Tally();
    tally.add(entry(true, "", 1, new Usage(10, 3).at(Cost.of(700))));
    tally.add(entry(true, "", 2, new Usage(1, 2).at(Cost.UNKNOWN)));
    tally.add(entry(false, "http_400", 4, new Usage(5, 0).at(Cost.of(30))));
    tally.add(entry(false, "http_400", 1, Usage.NONE));
    tally.add(entry(false, "timeout", 1, Usage.NONE));
    ProcessorTime processors = new ProcessorTime(1, 2, 3, 4);

    Progress progress = tally.progress(Duration.ofMillis(250), processors);

    assertThat(progress.settled()).isEqualTo(5);
    assertThat(progress.failed()).isEqualTo(3);
    assertThat(progress.attempts()).isEqualTo(9);
    assertThat(progress.usage().promptTokens()).isEqualTo(16);
    assertThat(progress.usage().completionTokens()).isEqualTo(5);
    assertThat(progress.usage().cost()).isEqualTo(new Cost(730, 1));
    assertThat(progress.errors()).containsOnlyKeys("http_400", "timeout");
    assertThat(progress.errors().get("http_400")).isEqualTo(2);
    assertThat(progress.journalLagMillis()).isEqualTo(250);
    assertThat(progress.processors()).isEqualTo(processors);
  }
}
