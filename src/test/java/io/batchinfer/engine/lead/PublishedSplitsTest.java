package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PublishedSplitsTest {
  private final PublishedSplits splits = new PublishedSplits();

  private static Counts counts(int succeeded) {
    return new Counts(
        new RowCounts(succeeded, 0), new Spent(succeeded, 0, Usage.NONE), new TreeMap<>());
  }

  private static PartCounts part(int succeeded, int round) {
    return new PartCounts(counts(succeeded), round, 100, 0);
  }

  private long settled() {
    return splits.parts().stream().mapToLong(Counts::settled).sum();
  }

  @Test
  void aSplitCountsOnce() {
    splits.add(3, part(5, 0), 5);
    splits.add(3, part(5, 0), 5);

    assertThat(splits.size()).isEqualTo(1);
    assertThat(splits.contains(3)).isTrue();
    assertThat(splits.contains(2)).isFalse();
    assertThat(settled()).isEqualTo(5);
  }

  @Test
  void rowsThatWaitForAnEqualOneAreAddedWhenTheirSplitIsPublishedAgain() {
    splits.add(0, part(3, 0), 5);
    splits.add(1, part(5, 0), 5);
    assertThat(splits.waiting()).containsOnlyKeys(0);
    assertThat(settled()).isEqualTo(8);

    splits.reopen(Map.of(0, new ReopenedSplit(1, 7, RowsAgain.FAILED, counts(3))));

    assertThat(splits.waiting()).isEmpty();
    assertThat(splits.size()).isEqualTo(1);
    assertThat(settled()).as("what was kept counts on").isEqualTo(8);
    splits.add(0, part(5, 1), 5);
    assertThat(splits.size()).isEqualTo(2);
    assertThat(settled()).isEqualTo(5 + 5);
  }

  @Test
  void partsFromBeforeAReopeningAreNotTheNewest() {
    splits.reopen(Map.of(0, new ReopenedSplit(2, 7, RowsAgain.FAILED, counts(3))));

    assertThat(splits.size()).as("one that was not published").isZero();
    assertThat(splits.reopened(0)).map(ReopenedSplit::epoch).contains(7L);
    assertThat(splits.isNewest(0, part(5, 1))).isFalse();
    assertThat(splits.isNewest(0, part(5, 2))).isTrue();
    assertThat(splits.isNewest(1, part(5, 0))).isTrue();

    splits.add(0, part(5, 2), 5);
    assertThat(splits.reopened(0)).isEmpty();
    assertThat(splits.isNewest(0, part(5, 1))).isTrue();
  }
}
