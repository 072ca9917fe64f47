package io.batchinfer.journal;

import io.batchinfer.model.Counts;
import io.batchinfer.model.PartCounts;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts the settled rows of one split in input order. Holds one small record per row and at most
 * {@code memoryBytes} of lines; a split with more is read several times, a window of rows each.
 */
public final class SplitAssembler {
  static final Comparator<SegmentRange> OLDEST_FIRST =
      Comparator.comparingLong(SegmentRange::order).thenComparing(SegmentRange::segment);

  private final FileStore store;
  private final String folder;
  private final long memoryBytes;
  private final Consumer<JournalEntry> outcomes;

  public SplitAssembler(FileStore store, String folder, long memoryBytes) {
    this(store, folder, memoryBytes, outcome -> {});
  }

  /**
   * @param outcomes is told of the newest outcome of every row that is journalled, in the order of
   *     their lines
   */
  public SplitAssembler(
      FileStore store, String folder, long memoryBytes, Consumer<JournalEntry> outcomes) {
    this.store = store;
    this.folder = folder;
    this.memoryBytes = memoryBytes;
    this.outcomes = outcomes;
  }

  /** Assembled rows that are not published yet. */
  public record Assembled(PartCounts counts, int rows) {}

  /**
   * Where the facts of a split's rows go.
   *
   * @param before where those of the published pair are, if the split has one
   * @param to where all are written
   */
  public record FactsFiles(String before, String to) {}

  /** As with facts, which are not written. */
  Assembled assemble(
      int lines,
      List<SegmentRange> ranges,
      @Nullable PublishedPair before,
      String results,
      String errors) {
    return assemble(lines, ranges, before, results, errors, null);
  }

  /**
   * Writes the newest outcome of every row to the two files; a file without a row is not made.
   *
   * @param lines physical lines of the split
   * @param ranges the split's entries, each once
   * @param before what a reopened split's other rows are taken from; null for any other split
   * @param facts where what was spent on each row is written; null for nowhere
   */
  public Assembled assemble(
      int lines,
      List<SegmentRange> ranges,
      @Nullable PublishedPair before,
      String results,
      String errors,
      @Nullable FactsFiles facts) {
    List<SegmentRange> ordered = ranges.stream().sorted(OLDEST_FIRST).toList();
    int[] newestRange = new int[lines];
    int[] length = new int[lines];
    boolean inMemory = ordered.stream().mapToLong(SegmentRange::length).sum() <= memoryBytes;
    SpentOnRows spent = new SpentOnRows(lines);
    List<@Nullable List<JournalEntry>> kept = new ArrayList<>();
    EntryTally tally = new EntryTally();
    for (int i = 0; i < ordered.size(); i++) {
      List<JournalEntry> entries = entries(ordered.get(i));
      for (JournalEntry entry : entries) {
        newestRange[entry.line()] = i + 1;
        length[entry.line()] = entry.rendered().length;
        tally.addCost(entry);
        spent.add(entry);
      }
      kept.add(inMemory ? entries : null);
    }
    try (LazyFile resultFile = new LazyFile(store, results);
        LazyFile errorFile = new LazyFile(store, errors);
        OtherRows otherRows = new OtherRows(store, before, resultFile, errorFile)) {
      int from = 0;
      while (from < lines) {
        int to = inMemory ? lines : windowEnd(length, from);
        @Nullable JournalEntry[] window = new JournalEntry[to - from];
        for (int i = 0; i < ordered.size(); i++) {
          if (inMemory || holdsNewest(newestRange, from, to, i + 1)) {
            List<JournalEntry> cached = kept.get(i);
            for (JournalEntry entry : cached == null ? entries(ordered.get(i)) : cached) {
              if (entry.line() >= from && entry.line() < to && newestRange[entry.line()] == i + 1) {
                window[entry.line() - from] = entry;
              }
            }
          }
        }
        for (int line = from; line < to; line++) {
          JournalEntry entry = window[line - from];
          if (entry != null) {
            (entry.success() ? resultFile : errorFile).write(entry.rendered());
            tally.addOutcome(entry);
            outcomes.accept(entry);
            otherRows.skip(line);
          } else {
            otherRows.copy(line);
          }
        }
        from = to;
      }
      Counts counts = tally.counts();
      int round = 0;
      if (before != null) {
        counts = counts.plus(before.reopened().kept());
        round = before.reopened().round();
      }
      if (facts != null) {
        RowFactsFile old =
            before == null ? RowFactsFile.NONE : RowFactsFile.read(store, facts.before());
        spent.with(old, round).write(store, facts.to());
      }
      return new Assembled(
          new PartCounts(counts, round, resultFile.bytes, errorFile.bytes),
          tally.rows() + otherRows.copied);
    }
  }

  private int windowEnd(int[] length, int from) {
    long bytes = 0;
    int to = from;
    while (to < length.length && (to == from || bytes + length[to] <= memoryBytes)) {
      bytes += length[to];
      to++;
    }
    return to;
  }

  private static boolean holdsNewest(int[] newestRange, int from, int to, int range) {
    for (int line = from; line < to; line++) {
      if (newestRange[line] == range) {
        return true;
      }
    }
    return false;
  }

  private List<JournalEntry> entries(SegmentRange range) {
    ByteBuffer bytes = ByteBuffer.wrap(SegmentReader.read(store, folder, range));
    List<JournalEntry> entries = new ArrayList<>(range.count());
    while (bytes.hasRemaining()) {
      entries.add(JournalEntry.decode(bytes));
    }
    return entries;
  }

  /** The rows of a published pair that have no newer outcome. */
  private static final class OtherRows implements AutoCloseable {
    private final @Nullable PartCursor results;
    private final @Nullable PartCursor errors;
    private final LazyFile resultFile;
    private final LazyFile errorFile;
    private final BitSet leftOut;
    private int copied;

    OtherRows(
        FileStore store, @Nullable PublishedPair pair, LazyFile resultFile, LazyFile errorFile) {
      this.resultFile = resultFile;
      this.errorFile = errorFile;
      this.results = cursor(store, pair, pair == null ? "" : pair.results());
      this.errors = cursor(store, pair, pair == null ? "" : pair.errors());
      this.leftOut = pair == null ? new BitSet() : pair.leftOut();
    }

    private static @Nullable PartCursor cursor(
        FileStore store, @Nullable PublishedPair pair, String part) {
      return pair == null ? null : new PartCursor(store, pair.keys(), pair.split(), part);
    }

    void skip(int line) {
      pass(results, line, null);
      pass(errors, line, null);
    }

    void copy(int line) {
      if (leftOut.get(line)) {
        skip(line);
        return;
      }
      pass(results, line, resultFile);
      pass(errors, line, errorFile);
    }

    private void pass(@Nullable PartCursor cursor, int line, @Nullable LazyFile to) {
      if (cursor != null && cursor.line() == line) {
        if (to != null) {
          to.write(cursor.row());
          copied++;
        }
        cursor.advance();
      }
    }

    @Override
    public void close() {
      if (results != null) {
        results.close();
      }
      if (errors != null) {
        errors.close();
      }
    }
  }

  /** A file that exists only once something was written to it. */
  private static final class LazyFile implements AutoCloseable {
    private final FileStore store;
    private final String path;
    private @Nullable OutputStream out;
    private long bytes;

    LazyFile(FileStore store, String path) {
      this.store = store;
      this.path = path;
    }

    void write(byte[] line) {
      try {
        OutputStream stream = out;
        if (stream == null) {
          stream = store.create(path);
          out = stream;
        }
        stream.write(line);
        bytes += line.length;
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }

    @Override
    public void close() {
      try {
        OutputStream stream = out;
        if (stream != null) {
          stream.close();
        }
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }
  }
}
