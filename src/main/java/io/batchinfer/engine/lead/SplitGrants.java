package io.batchinfer.engine.lead;

import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.lead.LedgerCalls.Call;
import io.batchinfer.engine.lead.OpenSplits.Holder;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which split a worker gets, and what it is told of it. For one call of the ledger at a time. */
final class SplitGrants {
  private final OpenSplits splits;
  private final PublishedSplits published;
  private final Suspects suspects;
  private final JournalIndex index;
  private @Nullable ErrorCode closing;

  SplitGrants(OpenSplits splits, PublishedSplits published, Suspects suspects, JournalIndex index) {
    this.splits = splits;
    this.published = published;
    this.suspects = suspects;
    this.index = index;
  }

  /** Open rows are settled with that code from now on, instead of being sent. */
  void closeRowsWith(ErrorCode code) {
    closing = code;
  }

  boolean isClosing() {
    return closing != null;
  }

  /** A split for the worker, which holds it from then on; null where there is none for it. */
  @Nullable SplitClaim next(Holder worker, Call call) {
    Integer next = choose(splits.heldBy(worker.session()), call);
    if (next == null) {
      return null;
    }
    splits.claim(next, worker);
    return new SplitClaim(
        next,
        Optional.ofNullable(closing),
        index.segments(next),
        published.reopened(next),
        runsAlone(next),
        suspects.blamed(next));
  }

  /** All open splits as whoever works on them is told of them; nobody holds them by that. */
  List<SplitClaim> openClaims() {
    return splits.all().stream()
        .map(
            split ->
                new SplitClaim(
                    split,
                    Optional.empty(),
                    index.segments(split),
                    published.reopened(split),
                    false,
                    List.of()))
        .toList();
  }

  /** A split that runs alone comes last, and only to a process that has nothing else. */
  private @Nullable Integer choose(Set<Integer> has, Call call) {
    call.steps(has.size());
    if (splits.free().isEmpty() || has.stream().anyMatch(this::runsAlone)) {
      return null;
    }
    for (Integer split : splits.free()) {
      call.steps(1);
      if (!runsAlone(split)) {
        return split;
      }
    }
    return has.isEmpty() ? splits.free().first() : null;
  }

  private boolean runsAlone(int split) {
    return closing == null && suspects.runsAlone(split);
  }
}
