package io.batchinfer.table.answers;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.FailedRows;
import io.batchinfer.journal.PublishedPair;
import io.batchinfer.journal.Replay;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.journal.SplitAssembler;
import io.batchinfer.journal.SplitAssembler.FactsFiles;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a split holds that is not published: the parts as they would be if it were published now,
 * put together in a folder of this process, and which rows are open. The job's own folder is only
 * read.
 *
 * @param settled lines of the split, from 0, that have an outcome
 * @param succeeded rows among them that have an answer
 * @param parts folder of the parts, or null where only counts were wanted
 */
record UnpublishedRows(BitSet settled, long succeeded, @Nullable Path parts)
    implements AutoCloseable {
  private static final long MEMORY = 32L << 20;
  private static final String RESULTS = "results";
  private static final String ERRORS = "errors";
  private static final String FACTS = "facts";

  /**
   * Reads the journal.
   *
   * @param countsOnly whether {@link #settled} and {@link #succeeded} are all that is wanted; a
   *     reopened split is put together all the same
   * @throws StorageException where the journal is gone, since the split was published meanwhile
   */
  static UnpublishedRows read(JobFolder folder, RowKey keys, SplitTask task, boolean countsOnly)
      throws IOException {
    List<SegmentName> segments =
        task.segments().stream().map(SegmentName::parse).flatMap(Optional::stream).toList();
    Replay replay = Replay.of(folder.store(), folder.segments(), task.index(), segments);
    BitSet settled = (BitSet) replay.settled().clone();
    if (task.reopened() == null && countsOnly) {
      return new UnpublishedRows(settled, replay.counts().succeeded(), null);
    }
    @Nullable PublishedPair before = before(folder, keys, task);
    if (before != null) {
      BitSet others =
          FailedRows.read(
                  folder.store(), keys, task.split(), before.errors(), before.reopened().again())
              .open();
      others.flip(0, task.lines());
      settled.or(others);
    }
    Path parts = Files.createTempDirectory("batchinfer-answers-");
    try {
      new SplitAssembler(folder.store(), folder.segments(), MEMORY)
          .assemble(
              task.lines(),
              replay.ranges(),
              before,
              path(parts, RESULTS),
              path(parts, ERRORS),
              new FactsFiles(folder.rowFacts(task.index()), path(parts, FACTS)));
      return new UnpublishedRows(settled, 0, parts);
    } catch (RuntimeException | Error e) {
      delete(parts);
      throw e;
    }
  }

  private static @Nullable PublishedPair before(JobFolder folder, RowKey keys, SplitTask task)
      throws IOException {
    byte @Nullable [] json = task.reopened();
    if (json == null) {
      return null;
    }
    ReopenedSplit reopened = ReopeningJson.parseSplit(json);
    return new PublishedPair(
        keys,
        task.split(),
        folder.resultPart(task.index(), task.splits()),
        folder.errorPart(task.index(), task.splits()),
        reopened,
        new BitSet());
  }

  private static String path(Path parts, String name) {
    return "file:" + parts.resolve(name).toAbsolutePath();
  }

  @Nullable String results() {
    return parts == null ? null : path(parts, RESULTS);
  }

  @Nullable String errors() {
    return parts == null ? null : path(parts, ERRORS);
  }

  @Nullable String facts() {
    return parts == null ? null : path(parts, FACTS);
  }

  @Override
  public void close() {
    if (parts != null) {
      delete(parts);
    }
  }

  private static void delete(Path parts) {
    try {
      Files.deleteIfExists(parts.resolve(RESULTS));
      Files.deleteIfExists(parts.resolve(ERRORS));
      Files.deleteIfExists(parts.resolve(FACTS));
      Files.deleteIfExists(parts);
    } catch (IOException e) {
      throw new StorageException("Cannot remove \"" + parts + "\"", e);
    }
  }
}
