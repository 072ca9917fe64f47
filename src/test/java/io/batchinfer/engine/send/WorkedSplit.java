package io.batchinfer.engine.send;

import io.batchinfer.course.SketchJson;
import io.batchinfer.course.SplitSketch;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.Assembled;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.BitSet;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A claimed split as a worker treats it, for tests of what the driver decides. */
public final class WorkedSplit {
  private final JobFolder folder;
  private final RowKey keys;
  private final Plan plan;
  private final Split split;
  private final SplitClaim claimed;

  public WorkedSplit(JobFolder folder, RowKey keys, Plan plan, SplitClaim claimed) {
    this.folder = folder;
    this.keys = keys;
    this.plan = plan;
    this.split = plan.splits().get(claimed.split());
    this.claimed = claimed;
  }

  /** Lines that are not sent again. */
  public BitSet settled(Replay replay) {
    return RowsToSend.of(folder, plan, keys, claimed, replay).settled();
  }

  /** Assembles the split and puts its part into place. */
  public Assembled publish(
      SplitAssembler assembler,
      List<SegmentRange> ranges,
      String session,
      BooleanSupplier mayCommit) {
    PartPublisher publisher = new PartPublisher(folder, keys, plan.splits().size(), assembler);
    PartPublisher.Prepared prepared =
        publisher.prepare(split, ranges, claimed.reopened(), new BitSet(), session);
    if (!mayCommit.getAsBoolean()) {
      throw new IllegalStateException("split " + split.index() + " may not be committed");
    }
    return publisher.publish(prepared, SketchJson.write(SplitSketch.NONE));
  }
}
