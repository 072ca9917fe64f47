package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.RunProgress;
import io.batchinfer.model.Usage;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBatch.Phase;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteWork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is told of batches while they are on their way. */
class RemoteWatchTest {
  private final ScriptedBatches provider = new ScriptedBatches();
  private final LedRun run =
      new LedRun(Map.of("via", "batch", "poll-interval", "10s", "max-poll-interval", "40s"));
  private final RemoteBook book = RemoteBook.read(run.stored.folder, "job");
  private final RemoteWatch watch = new RemoteWatch(run.context, run.job, run.recorder);

  private RemoteBatches batches(int count) {
    List<RemoteWork> works = new ArrayList<>();
    for (int split = 0; split < count; split++) {
      works.add(
          new RemoteWork(
              "/v1/chat/completions",
              "m",
              List.of(new Piece(split, 0, 1_200)),
              new Load(1_200, 1_200, 400, 100, 60)));
    }
    book.begin(works);
    return new RemoteBatches(
        run.context,
        book,
        provider,
        provider,
        RemoteSettings.of(run.context.request().options()),
        new RemoteSpending(run.context.request().options(), run.job.prices(), book, Usage.NONE));
  }

  private String words(RemoteBatches batches) {
    return RemoteWatch.words(batches.all(), run.time.nanos());
  }

  @Test
  void batchesAreTakenTogether() throws InterruptedException {
    RemoteBatches batches = batches(2);
    assertThat(words(batches)).isEqualTo("0 of 2 batches done");

    run.steps(batches, 4);
    assertThat(words(batches))
        .isEqualTo(
            "0 of 2 batches done, 2 at the provider (0 of their 2,400 requests answered), next look in 10 s");
    run.time.advance(Duration.ofSeconds(4));
    assertThat(words(batches)).endsWith("next look in 6 s");

    run.time.advance(Duration.ofSeconds(16));
    assertThat(words(batches)).as("one that is overdue").endsWith("next look in 0 s");

    provider.all(Phase.ENDED, "completed");
    run.pass(batches, Duration.ofSeconds(5));
    assertThat(words(batches)).isEqualTo("2 of 2 batches done");
  }

  @Test
  void oneBatchIsNotMany() throws InterruptedException {
    RemoteBatches batches = batches(1);
    run.steps(batches, 3);

    assertThat(words(batches))
        .startsWith("0 of 1 batch done, 1 at the provider (0 of its 1,200 requests answered)");
  }

  @Test
  void itIsToldFourTimesASecond() {
    RemoteBatches batches = batches(1);
    for (int tenth = 0; tenth < 10; tenth++) {
      watch.tell(batches.all());
      run.time.advance(Duration.ofMillis(100));
    }

    assertThat(run.progress).hasSize(4);
    assertThat(run.progress)
        .extracting(RunProgress::elapsed)
        .containsExactly(
            Duration.ZERO, Duration.ofMillis(300), Duration.ofMillis(600), Duration.ofMillis(900));
  }

  @Test
  void otherMachinesReadItNowAndThenAsLongAsTheOutputIsOwned() {
    RemoteBatches batches = batches(1);
    List<String> written = new ArrayList<>();
    run.files.before(
        operation -> {
          if (operation.startsWith("publish ") && operation.endsWith("/job.json")) {
            written.add(operation);
          }
        });
    long tells = 2 * SendingProgress.RECORD_INTERVAL.toMillis() / 250;
    for (int tell = 0; tell <= tells; tell++) {
      watch.tell(batches.all());
      run.time.advance(Duration.ofMillis(250));
      run.ownership.beat();
    }
    assertThat(written).hasSize(3);

    run.time.advance(Duration.ofMinutes(10));
    watch.tell(batches.all());
    assertThat(run.ownership.isValid()).isFalse();
    assertThat(written).hasSize(3);
  }
}
