package io.batchinfer.table.answers;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SegmentReader;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.Plan;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.Reopening;
import io.batchinfer.model.Split;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LocalTasks;
import io.batchinfer.storage.StorageException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How the splits of a job stand at this moment, read without touching anything. The job may run
 * meanwhile: a task looks again whether its split was published.
 */
final class JobSplits {
  private static final int READERS = 8;

  private final JobFolder folder;
  private final Plan plan;
  private final Map<Integer, ReopenedSplit> reopened;
  private final Map<Integer, PartCounts> published = new HashMap<>();

  JobSplits(JobFolder folder, Plan plan) {
    this.folder = folder;
    this.plan = plan;
    this.reopened = folder.readReopening().map(Reopening::splits).map(Map::copyOf).orElse(Map.of());
    List<Integer> committed = folder.commits().splits();
    List<Optional<PartCounts>> parts =
        new LocalTasks(READERS).map(committed, folder.commits()::read);
    for (int i = 0; i < committed.size(); i++) {
      int split = committed.get(i);
      parts
          .get(i)
          .filter(part -> isNewest(part, reopened.get(split)))
          .ifPresent(part -> published.put(split, part));
    }
  }

  /** Whether a pair of parts is not the one from before a reopening. */
  static boolean isNewest(PartCounts part, @Nullable ReopenedSplit reopening) {
    return reopening == null || part.round() >= reopening.round();
  }

  /** Bytes of what is published. */
  long bytes() {
    return published.values().stream()
        .mapToLong(part -> part.resultBytes() + part.errorBytes())
        .sum();
  }

  /** One task for each split that has rows of these statuses, or may have. */
  List<SplitTask> tasks(Set<RowStatus> statuses) {
    List<SplitTask> tasks = new ArrayList<>();
    Map<Integer, Set<SegmentName>> journal =
        published.size() == plan.splits().size() ? Map.of() : journal();
    for (Split split : plan.splits()) {
      String file = JobFolder.shownInput(plan.files().get(split.file()).path());
      PartCounts part = published.get(split.index());
      if (part == null) {
        ReopenedSplit reopening = reopened.get(split.index());
        List<String> segments =
            journal.getOrDefault(split.index(), Set.of()).stream()
                .filter(name -> reopening == null || name.epoch() >= reopening.epoch())
                .map(SegmentName::fileName)
                .toList();
        tasks.add(
            SplitTask.open(
                folder.root(),
                plan.splits().size(),
                split,
                file,
                new SplitTask.Journalled(
                    reopening == null ? null : ReopeningJson.writeSplit(reopening), segments)));
      } else if (holds(part, statuses)) {
        tasks.add(SplitTask.published(folder.root(), plan.splits().size(), split, file, part));
      }
    }
    return tasks;
  }

  private static boolean holds(PartCounts part, Set<RowStatus> statuses) {
    return (statuses.contains(RowStatus.SUCCEEDED) && part.counts().succeeded() > 0)
        || (statuses.contains(RowStatus.FAILED) && part.counts().failed() > 0);
  }

  /** The segments in which entries of splits stand. */
  private Map<Integer, Set<SegmentName>> journal() {
    List<SegmentName> names =
        folder.store().list(folder.segments()).stream()
            .map(FileStore.Entry::name)
            .map(SegmentName::parse)
            .flatMap(Optional::stream)
            .toList();
    List<List<Integer>> splits = new LocalTasks(READERS).map(names, this::splitsIn);
    Map<Integer, Set<SegmentName>> journal = new HashMap<>();
    for (int i = 0; i < names.size(); i++) {
      for (int split : splits.get(i)) {
        journal.computeIfAbsent(split, unused -> new TreeSet<>()).add(names.get(i));
      }
    }
    return journal;
  }

  private List<Integer> splitsIn(SegmentName name) {
    try (SegmentReader segment = SegmentReader.open(folder.store(), folder.segments(), name)) {
      return segment.directory(0).ranges().stream().map(SegmentRange::split).distinct().toList();
    } catch (StorageException e) {
      if (folder.store().find(folder.segments() + "/" + name.fileName()).isPresent()) {
        throw e;
      }
      // A run deletes a segment when all that it holds is published.
      return List.of();
    }
  }
}
