package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.lead.OpenSplits.Holder;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order free splits stand. */
class SplitOrderTest {
  private static OpenSplits splits(Comparator<Integer> order) {
    OpenSplits splits = new OpenSplits(order);
    List.of(1, 0, 3, 2).forEach(splits::add);
    return splits;
  }

  @Test
  void anotherOrderHoldsAlsoForSplitsThatWereGivenBack() {
    OpenSplits splits = splits(Comparator.reverseOrder());
    assertThat(splits.free()).containsExactly(3, 2, 1, 0);

    splits.claim(3, new Holder("process", "worker"));
    splits.claim(2, new Holder("process", "worker"));
    splits.free(splits.giveBack("process", any -> true));

    assertThat(splits.free()).containsExactly(3, 2, 1, 0);
  }
}
