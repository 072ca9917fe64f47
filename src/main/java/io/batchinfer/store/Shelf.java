package io.batchinfer.store;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files and jobs of one workspace in memory. Reading is safe from any thread; whoever changes
 * it holds its monitor.
 */
final class Shelf {
  private final Map<String, BatchFile> files = new ConcurrentHashMap<>();
  private final Map<String, BatchJob> jobs = new ConcurrentHashMap<>();
  private final Map<Place, String> order = new ConcurrentSkipListMap<>(Place.NEWEST_FIRST);

  private record Place(long createdMillis, String id) {
    static final Comparator<Place> NEWEST_FIRST =
        Comparator.comparingLong(Place::createdMillis).reversed().thenComparing(Place::id);

    static Place of(BatchJob job) {
      return new Place(job.spec().createdMillis(), job.id());
    }
  }

  void put(BatchFile file) {
    files.put(file.id(), file);
  }

  void put(BatchJob job) {
    jobs.put(job.id(), job);
    order.put(Place.of(job), job.id());
  }

  void remove(BatchFile file) {
    files.remove(file.id());
  }

  /** Removes a job, and returns what it made, which goes with it. */
  List<BatchFile> remove(BatchJob job) {
    order.remove(Place.of(job));
    jobs.remove(job.id());
    List<BatchFile> made = madeBy(job.id());
    made.forEach(this::remove);
    return made;
  }

  List<BatchFile> madeBy(String jobId) {
    return files.values().stream().filter(file -> jobId.equals(file.jobId())).toList();
  }

  @Nullable BatchFile file(String id) {
    return files.get(id);
  }

  @Nullable BatchJob job(String id) {
    return jobs.get(id);
  }

  List<BatchFile> files() {
    return List.copyOf(files.values());
  }

  /** In no order. */
  List<BatchJob> jobs() {
    return List.copyOf(jobs.values());
  }

  List<BatchJob> jobsNewestFirst() {
    List<BatchJob> sorted = new ArrayList<>(jobs.size());
    for (String id : order.values()) {
      BatchJob job = jobs.get(id);
      if (job != null) {
        sorted.add(job);
      }
    }
    return sorted;
  }

  private static boolean isUnfinished(BatchJob job) {
    return !job.state().status().isTerminal();
  }

  List<BatchJob> unfinished() {
    return jobs.values().stream().filter(Shelf::isUnfinished).toList();
  }

  /** Ids of files that unfinished jobs read. */
  Set<String> needed() {
    return unfinished().stream()
        .flatMap(job -> job.spec().inputFiles().stream())
        .collect(Collectors.toSet());
  }

  /** An unfinished job that reads the file. */
  Optional<BatchJob> needing(BatchFile file) {
    return unfinished().stream()
        .filter(job -> job.spec().inputFiles().contains(file.id()))
        .findFirst();
  }

  long pending() {
    return jobs.values().stream().mapToLong(BatchJob::pending).sum();
  }
}
