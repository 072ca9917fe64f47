package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * Jobs that ended before a moment, and uploads from before it that no unfinished job needs. What a
 * job made goes with the job.
 */
public record Pruning(List<Item> jobs, List<Item> files) {

  /**
   * One of them.
   *
   * @param name how a job ended, or a file's name
   * @param sinceMillis when a job ended or a file was made, in UNIX milliseconds
   * @param bytes what it takes
   */
  public record Item(String id, String name, long sinceMillis, long bytes) {}

  public Pruning {
    jobs = List.copyOf(jobs);
    files = List.copyOf(files);
  }

  /** Looks what there is. */
  public static Pruning of(BatchRegistry registry, String workspace, long beforeMillis) {
    BatchStore store = registry.store();
    List<Item> jobs =
        registry.jobs(workspace).stream()
            .filter(job -> job.state().status().isTerminal() && ended(job) < beforeMillis)
            .map(
                job ->
                    new Item(
                        job.id(),
                        job.state().status().name(),
                        ended(job),
                        store.jobFootprint(workspace, job.id()).bytes()))
            .sorted(Comparator.comparingLong(Item::sinceMillis))
            .toList();
    List<Item> files =
        registry.idleUploads(workspace).stream()
            .filter(file -> file.createdMillis() < beforeMillis)
            .map(
                file ->
                    new Item(file.id(), file.filename(), file.createdMillis(), bytes(store, file)))
            .sorted(Comparator.comparingLong(Item::sinceMillis))
            .toList();
    return new Pruning(jobs, files);
  }

  private static long ended(BatchJob job) {
    return job.state().times().endedMillis() == null
        ? job.spec().createdMillis()
        : job.state().times().endedMillis();
  }

  private static long bytes(BatchStore store, BatchFile file) {
    return store.fileFootprint(file.workspace(), file.id()).bytes();
  }

  public boolean isEmpty() {
    return jobs.isEmpty() && files.isEmpty();
  }

  /** What is left of it when some stay. */
  public Pruning without(List<String> kept) {
    return new Pruning(
        jobs.stream().filter(job -> !kept.contains(job.id())).toList(),
        files.stream().filter(file -> !kept.contains(file.id())).toList());
  }

  /** Ids of all, jobs first, since they may be what needs a file. */
  public List<String> ids() {
    return Stream.concat(jobs.stream(), files.stream()).map(Item::id).toList();
  }

  /** What all take. */
  public long bytes() {
    return Stream.concat(jobs.stream(), files.stream()).mapToLong(Item::bytes).sum();
  }
}
