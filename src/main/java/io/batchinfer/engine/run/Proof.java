package io.batchinfer.engine.run;

import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.PartProof;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import java.util.ArrayList;
import java.util.List;

/** Proves from what is written that every row of the plan is there once, on a cluster. */
final class Proof {
  private Proof() {}

  /**
   * Reads all parts back.
   *
   * @throws BatchException with {@link ErrorCode#PROOF_FAILED}, saying what is wrong
   */
  static void prove(Cluster cluster, String root, Plan plan, Hash128 jobHash) {
    String job = jobHash.hex();
    List<String> problems =
        cluster
            .map(
                new TaskLabel(root, "proof of " + Amount.of(plan.rows(), "row")),
                SplitGroups.of(plan.splits().stream().map(Split::index).toList()),
                (numbers, here) -> problems(here.folder(root), job, numbers))
            .stream()
            .flatMap(List::stream)
            .toList();
    if (!problems.isEmpty()) {
      throw new BatchException(
          ErrorCode.PROOF_FAILED,
          "The results in \"%s\" do not account for every row: %s%s. _SUCCESS was not written; keep the folder and report this."
              .formatted(
                  root,
                  problems.get(0),
                  problems.size() > 1 ? " (and " + (problems.size() - 1) + " more)" : ""));
    }
  }

  private static List<String> problems(JobFolder folder, String job, int[] numbers) {
    List<Split> splits = folder.readPlan().orElseThrow().splits();
    PartProof proof = new PartProof(folder.store(), new RowKey(Hash128.ofHex(job)));
    List<String> problems = new ArrayList<>();
    for (int i : numbers) {
      proof
          .disprove(
              splits.get(i),
              folder.resultPart(i, splits.size()),
              folder.errorPart(i, splits.size()))
          .ifPresent(problems::add);
    }
    return problems;
  }
}
