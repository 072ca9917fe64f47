package io.batchinfer.engine.run;

import io.batchinfer.engine.copies.EqualAnswers;
import io.batchinfer.engine.lead.PlannedJob;
import io.batchinfer.engine.lead.WaitingRows;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowsAgain;
import io.batchinfer.model.Split;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Brings answers from the splits in which they are to those in which equal rows wait, by a shuffle.
 * Repeated tasks write the same files again.
 */
final class EqualAnswersJob implements WaitingRows {
  private final Cluster cluster;
  private final JobFolder folder;
  private final PlannedJob job;
  private final Instant since;

  /**
   * @param since when the job's time began to run
   */
  EqualAnswersJob(Cluster cluster, JobFolder folder, PlannedJob job, Instant since) {
    this.cluster = cluster;
    this.folder = folder;
    this.job = job;
    this.since = since;
  }

  @Override
  public SortedMap<Integer, ReopenedSplit> reopen(
      SortedMap<Integer, PartCounts> waiting, long epoch, boolean last) {
    copy(waiting, last);
    SortedMap<Integer, ReopenedSplit> reopened = new TreeMap<>();
    waiting.forEach(
        (split, part) ->
            reopened.put(
                split,
                new ReopenedSplit(part.round() + 1, epoch, RowsAgain.WAITING, part.counts())));
    folder.writeReopening(new Reopening(since, reopened));
    return reopened;
  }

  private void copy(SortedMap<Integer, PartCounts> waiting, boolean last) {
    BitSet theirs = new BitSet();
    waiting.keySet().forEach(theirs::set);
    List<Integer> splits = job.plan().splits().stream().map(Split::index).toList();
    String root = folder.root();
    String hash = job.hash().hex();
    byte[] targets = theirs.toByteArray();
    AnswerShuffle.write(
        cluster,
        new TaskLabel(root, "copy answers to equal rows"),
        SplitGroups.of(splits),
        (numbers, here) -> {
          JobFolder folder = here.folder(root);
          Plan plan = folder.readPlan().orElseThrow();
          RowKey keys = new RowKey(Hash128.ofHex(hash));
          return new EqualAnswers(folder, plan, keys, BitSet.valueOf(targets), last)
              .of(IntStream.of(numbers).boxed().iterator());
        },
        waiting.size());
  }
}
