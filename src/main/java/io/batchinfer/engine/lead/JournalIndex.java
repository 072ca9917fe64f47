package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.journal.SegmentRange;
import io.batchinfer.journal.SegmentReader;
import io.batchinfer.model.Counts;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LocalTasks;
import io.batchinfer.storage.StorageException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * In which segments entries of unpublished splits stand, as far as it was read. Holds a reference
 * for each pair of them; where in a segment they stand is read by whoever works on the split.
 * Thread-safe; {@link #read} and {@link #counts} touch files, and make no other call wait for them.
 */
final class JournalIndex {
  private static final int READERS = 8;

  /** Splits of which each row's outcome is held at once. */
  private static final int NEIGHBOURS = 8;

  private final JobFolder folder;

  /** Held while segments are read. */
  private final Object reading = new Object();

  /** Up to where segments were read. */
  @GuardedBy("reading")
  private final Map<SegmentName, Long> ends = new HashMap<>();

  @GuardedBy("this")
  private final Map<Integer, List<SegmentName>> segments = new HashMap<>();

  @GuardedBy("this")
  private final BitSet published = new BitSet();

  /** The first epoch that counts, of splits that were reopened. */
  @GuardedBy("this")
  private final Map<Integer, Long> since = new HashMap<>();

  JournalIndex(JobFolder folder) {
    this.folder = folder;
  }

  /** Segments of earlier epochs hold nothing of that split that counts. */
  synchronized void countsSince(int split, long epoch) {
    since.put(split, epoch);
  }

  /** A published split is journalled again, from that epoch on. */
  synchronized void reopened(int split, long epoch) {
    published.clear(split);
    segments.remove(split);
    countsSince(split, epoch);
  }

  /** Segments with entries of a split, by name. */
  synchronized List<SegmentName> segments(int split) {
    return segments.getOrDefault(split, List.of()).stream().sorted().toList();
  }

  /** Groups splits, as many as fit into memory, that stand in the same segments; others are out. */
  private synchronized List<Set<Integer>> together(Set<Integer> splits) {
    Map<SegmentName, List<Set<Integer>>> groups = new TreeMap<>();
    for (int split : splits) {
      List<SegmentName> theirs = segments(split);
      if (!theirs.isEmpty()) {
        List<Set<Integer>> sameStart =
            groups.computeIfAbsent(theirs.get(0), unused -> new ArrayList<>());
        if (sameStart.isEmpty() || sameStart.get(sameStart.size() - 1).size() == NEIGHBOURS) {
          sameStart.add(new TreeSet<>());
        }
        sameStart.get(sameStart.size() - 1).add(split);
      }
    }
    return groups.values().stream().flatMap(List::stream).toList();
  }

  /** What the entries of those splits add up to, read from the segments. */
  Counts counts(Set<Integer> splits) {
    return new LocalTasks(READERS)
        .map(together(splits), this::entries).stream()
            .flatMap(replays -> replays.values().stream())
            .map(Replay::counts)
            .reduce(Counts.ZERO, Counts::plus);
  }

  private Map<Integer, Replay> entries(Set<Integer> splits) {
    Set<SegmentName> theirs = new TreeSet<>();
    splits.forEach(split -> theirs.addAll(segments(split)));
    return Replay.of(folder.store(), folder.segments(), splits, theirs);
  }

  /** Nobody needs the entries of that split any more. */
  synchronized void published(int split) {
    published.set(split);
    segments.remove(split);
    since.remove(split);
  }

  private record Part(SegmentName name, long from) {}

  private record Found(Part part, long end, int[] splits) {}

  /**
   * Reads the directories of segments on from where they were read before.
   *
   * @param which segments that may have grown
   * @throws StorageException when one cannot be read
   */
  void read(Predicate<SegmentName> which) {
    synchronized (reading) {
      List<Part> parts = new ArrayList<>();
      Set<SegmentName> there = new HashSet<>();
      Map<String, String> writers = new HashMap<>();
      for (FileStore.Entry entry : folder.store().list(folder.segments())) {
        Optional<SegmentName> name = SegmentName.parse(entry.name());
        if (name.isPresent() && which.test(name.get())) {
          String writer = writers.computeIfAbsent(name.get().writer(), same -> same);
          SegmentName known = new SegmentName(name.get().epoch(), writer, name.get().number());
          there.add(known);
          parts.add(new Part(known, ends.getOrDefault(known, 0L)));
        }
      }
      ends.keySet().removeIf(name -> which.test(name) && !there.contains(name));
      for (Found found : new LocalTasks(READERS).map(parts, this::read)) {
        // In this order: what is not added must be read again.
        add(found);
        ends.put(found.part().name(), found.end());
      }
    }
  }

  private Found read(Part part) {
    try (SegmentReader segment =
        SegmentReader.open(folder.store(), folder.segments(), part.name())) {
      SegmentReader.Directory directory = segment.directory(part.from());
      IntStream splits = directory.ranges().stream().mapToInt(SegmentRange::split);
      return new Found(part, directory.end(), splits.distinct().toArray());
    } catch (StorageException e) {
      String path = folder.segments() + "/" + part.name().fileName();
      if (folder.store().find(path).isPresent()) {
        throw e;
      }
      // A writer deletes a segment when all that it holds is published.
      return new Found(part, part.from(), new int[0]);
    }
  }

  private synchronized void add(Found found) {
    SegmentName name = found.part().name();
    for (int split : found.splits()) {
      if (!published.get(split) && name.epoch() >= since.getOrDefault(split, 0L)) {
        List<SegmentName> known = segments.computeIfAbsent(split, unused -> new ArrayList<>(1));
        if (found.part().from() == 0 || !known.contains(name)) {
          known.add(name);
        }
      }
    }
  }
}
