package io.batchinfer.engine;

import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReopenedSplit;
import java.util.List;
import java.util.Optional;

/**
 * The right to send the rows of a split, and what whoever sends them must know.
 *
 * @param split its number in the plan
 * @param closing what its open rows are settled with instead of being sent
 * @param segments where earlier processes journalled for the split
 * @param reopened how the split was reopened, empty for one that was never published
 * @param alone whether its rows are to be sent one at a time, since workers died of it
 * @param blamed lines that are not to be sent, since a worker died of each
 */
public record SplitClaim(
    int split,
    Optional<ErrorCode> closing,
    List<SegmentName> segments,
    Optional<ReopenedSplit> reopened,
    boolean alone,
    List<Integer> blamed)
    implements ClaimAnswer {
  @Override
  public Optional<SplitClaim> granted() {
    return Optional.of(this);
  }
}
