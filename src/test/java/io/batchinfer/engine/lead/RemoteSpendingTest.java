package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.remote.BatchNote;
import io.batchinfer.remote.BatchNote.Step;
import io.batchinfer.remote.Load;
import io.batchinfer.remote.Piece;
import io.batchinfer.remote.RemoteBook;
import io.batchinfer.remote.RemoteWork;
import io.batchinfer.testing.InMemoryFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whether one more batch may go out under the job's caps. */
class RemoteSpendingTest {
  /** 3 million tokens of prompts and 1 million of answers: 5 dollars, and half of it as a batch. */
  private static final Load LOAD = new Load(4, 4, 400, 4_000_000, 3_000_000);

  private static final PriceTable PRICES =
      PriceTable.parse("prices", List.of("a:m = 1, 2, USD, -, 2026-01-02, s"));

  private final StoredJob job = new StoredJob(InMemoryFiles.filesystem(), 4, 4);
  private final RemoteBook book = RemoteBook.read(job.folder, "job");

  private static ResolvedOptions options(String... more) {
    Map<String, List<String>> flags =
        new TreeMap<>(
            Map.of(
                "base-url",
                List.of("http://a:1"),
                "model",
                List.of("m"),
                "via",
                List.of("batch"),
                "batch-discount",
                List.of("0.5")));
    for (int i = 0; i < more.length; i += 2) {
      flags.put(more[i], List.of(more[i + 1]));
    }
    return OptionSources.builder().flags(flags).resolve();
  }

  private List<BatchOnItsWay> batches(int count, Step... steps) {
    List<RemoteWork> works = new ArrayList<>();
    for (int split = 0; split < count; split++) {
      works.add(new RemoteWork("/v1/chat/completions", "m", List.of(new Piece(split, 0, 4)), LOAD));
    }
    book.begin(works);
    List<BatchOnItsWay> batches = new ArrayList<>();
    for (BatchNote note : book.all()) {
      Step step = batches.size() < steps.length ? steps[batches.size()] : Step.PLANNED;
      batches.add(new BatchOnItsWay(note.at(step, 0), book.work(note), 0));
    }
    return batches;
  }

  private boolean allows(ResolvedOptions options, Usage before, List<BatchOnItsWay> batches) {
    RemoteSpending spending =
        new RemoteSpending(options, JobPrices.of(PRICES, options, job.plan), book, before);
    return spending.allows(batches.get(batches.size() - 1), batches);
  }

  private static Usage spent(double dollars) {
    return new Usage(1, 1, 0, 0, new Cost((long) (dollars * 1e9), 0));
  }

  @Test
  void withoutACapEveryBatchMayGo() {
    assertThat(allows(options(), spent(1_000), batches(2, Step.CREATED))).isTrue();
  }

  @Test
  void aBatchCostsWhatBatchesCost() {
    assertThat(allows(options("max-cost", "2.5"), Usage.NONE, batches(1))).isTrue();
    assertThat(allows(options("max-cost", "2.49"), Usage.NONE, batches(1))).isFalse();
  }

  @Test
  void whatIsUnderWayIsAsGoodAsSpentAndWhatIsOnlyPlannedIsNot() {
    List<BatchOnItsWay> batches = batches(4, Step.UPLOADING, Step.CREATED);

    assertThat(allows(options("max-cost", "7.5"), Usage.NONE, batches)).isTrue();
    assertThat(allows(options("max-cost", "7.49"), Usage.NONE, batches)).isFalse();
    assertThat(allows(options("max-total-tokens", "12000000"), Usage.NONE, batches)).isTrue();
    assertThat(allows(options("max-total-tokens", "11999999"), Usage.NONE, batches)).isFalse();
  }

  @Test
  void whatWasPaidBeforeCounts() {
    assertThat(allows(options("max-cost", "3.5"), spent(1), batches(1))).isTrue();
    assertThat(allows(options("max-cost", "3.49"), spent(1), batches(1))).isFalse();
    assertThat(allows(options("max-total-tokens", "4000002"), spent(1), batches(1))).isTrue();
    assertThat(allows(options("max-total-tokens", "4000001"), spent(1), batches(1))).isFalse();
  }

  @Test
  void whatWasReadAndIsNotSettledCountsOnce() {
    List<BatchOnItsWay> batches = batches(1);
    BatchNote first = book.all().iterator().next();
    book.write(first.fetched(new BatchNote.Result(4, 0, 0, 2_000_000_000L), 1));

    assertThat(allows(options("max-cost", "4.5"), Usage.NONE, batches)).isTrue();
    assertThat(allows(options("max-cost", "4.49"), Usage.NONE, batches)).isFalse();
    assertThat(allows(options("max-cost", "4.5"), spent(2), batches)).as("the same").isTrue();
  }
}
