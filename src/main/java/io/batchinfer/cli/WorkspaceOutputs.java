package io.batchinfer.cli;

import io.batchinfer.engine.lead.EarlierJobs;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.storage.FileStores;
import io.batchinfer.store.BatchRegistry;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;

/** Outputs of a workspace's own jobs that have ended and are still kept. */
final class WorkspaceOutputs {
  private final BatchRegistry registry;
  private final FileStores stores;

  WorkspaceOutputs(BatchRegistry registry, FileStores stores) {
    this.registry = registry;
    this.stores = stores;
  }

  /**
   * The latest of them, as {@code --reuse} takes them; none of another workspace.
   *
   * @param job whose answers they may give
   * @param most how many at most
   */
  List<String> before(BatchJob job, int most) {
    return registry.jobs(job.workspace()).stream()
        .filter(earlier -> earlier.state().status().isTerminal())
        .filter(earlier -> isAlike(job.spec().target(), earlier.spec().target()))
        .filter(earlier -> !earlier.id().equals(job.id()))
        .sorted(
            Comparator.comparingLong((BatchJob earlier) -> earlier.spec().createdMillis())
                .reversed())
        .limit(most)
        .map(earlier -> registry.store().run(job.workspace(), earlier.id()))
        .filter(this::hasAnswers)
        .map(JobFolder::root)
        .toList();
  }

  /** The answers of another deployment are those of other servers. */
  private static boolean isAlike(Target one, Target other) {
    return one.endpoint().equals(other.endpoint())
        && Objects.equals(one.deployment(), other.deployment());
  }

  /** A job that ended before it sent anything has none, and one may have been deleted meanwhile. */
  private boolean hasAnswers(JobFolder run) {
    if (run.commits().splits().isEmpty()) {
      return false;
    }
    try {
      return !EarlierJobs.of(stores, List.of(run.root()), "").isEmpty();
    } catch (BatchException e) {
      return false;
    }
  }
}
