package io.batchinfer.store;

import io.batchinfer.model.BatchJob;
import io.batchinfer.model.JobRecord;
import java.util.Optional;

/** What the jobs of workspaces have cost; it outlives the jobs. */
final class Spending {
  private final BatchStore store;

  Spending(BatchStore store) {
    this.store = store;
  }

  /** What all jobs of a workspace have cost, as far as it is stored. */
  double of(String workspace, Shelf shelf) {
    double spent = ofDeleted(workspace, shelf);
    for (BatchJob job : shelf.jobs()) {
      Optional<Double> ofRun =
          job.state().status().isTerminal()
              ? Optional.empty()
              : store.run(workspace, job.id()).readRecord().map(Spending::of);
      spent += ofRun.orElse(of(job));
    }
    return spent;
  }

  /** Answers without a price aside. */
  private static double of(JobRecord record) {
    return record.cost().orElse(record.counts().usage().cost().amount());
  }

  private static double of(BatchJob job) {
    Double cost = job.state().progress().cost();
    return cost == null ? job.state().counts().usage().cost().amount() : cost;
  }

  /** Without that of a job whose deletion broke off, which still counts itself. */
  private double ofDeleted(String workspace, Shelf shelf) {
    DeletedJobs deleted = store.deletedJobs(workspace);
    BatchJob last = shelf.job(deleted.last());
    return last == null ? deleted.amount() : deleted.amount() - of(last);
  }

  /** Keeps what a job has cost, before it is deleted. */
  void keep(BatchJob job, Shelf shelf) {
    if (of(job) > 0) {
      double before = ofDeleted(job.workspace(), shelf);
      store.write(job.workspace(), new DeletedJobs(before + of(job), job.id()));
    }
  }
}
