package io.batchinfer.table.answers;

import io.batchinfer.job.JobFolder;
import io.batchinfer.job.ReopeningJson;
import io.batchinfer.journal.RowFacts;
import io.batchinfer.journal.RowFactsFile;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.ReopenedSplit;
import io.batchinfer.model.RowKey;
import io.batchinfer.row.AnswerPart;
import io.batchinfer.row.ResultAnswer;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.BitSet;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;

/**
 * The rows of one split in input order: those of its parts once they are published, otherwise those
 * of the journal and those that are open. Not thread-safe.
 */
final class AnswerRows implements Iterator<InternalRow>, AutoCloseable {
  private final RowMaker maker;
  private final boolean wantsSucceeded;
  private final boolean wantsFailed;
  private final boolean wantsOpen;
  private final PartLines results;
  private final PartLines errors;
  private final OpenLines open;
  private final @Nullable BitSet settled;
  private final long firstLine;
  private final Map<Integer, RowFacts> facts;
  private final @Nullable UnpublishedRows unpublished;
  private final String root;
  private final int split;
  private long missingSucceeded;
  private long missingFailed;
  private @Nullable InternalRow next;

  private AnswerRows(
      Layout layout,
      SplitTask task,
      JobFolder folder,
      RowKey keys,
      @Nullable UnpublishedRows unpublished,
      long succeeded,
      long failed) {
    this.root = folder.root();
    this.split = task.index();
    this.missingSucceeded = layout.wants(RowStatus.SUCCEEDED) ? succeeded : 0;
    this.missingFailed = layout.wants(RowStatus.FAILED) ? failed : 0;
    this.maker = new RowMaker(layout, task.file());
    this.unpublished = unpublished;
    this.settled = unpublished == null ? null : unpublished.settled();
    this.firstLine = task.firstLine();
    this.wantsSucceeded = layout.wants(RowStatus.SUCCEEDED);
    this.wantsFailed = layout.wants(RowStatus.FAILED);
    this.wantsOpen = unpublished != null && layout.wants(RowStatus.OPEN);
    FileStore store = folder.store();
    String resultPart =
        unpublished == null
            ? folder.resultPart(task.index(), task.splits())
            : unpublished.results();
    String errorPart =
        unpublished == null ? folder.errorPart(task.index(), task.splits()) : unpublished.errors();
    this.facts = layout.wantsFacts() ? facts(store, folder, task, unpublished) : Map.of();
    Set<AnswerPart> parts = layout.parts();
    if (facts.size() == task.rows()) {
      // The tokens of every row are known without its body.
      parts.remove(AnswerPart.USAGE);
    }
    this.results = part(store, wantsSucceeded ? resultPart : null, keys, layout, parts);
    this.errors = part(store, wantsFailed ? errorPart : null, keys, layout, parts);
    BitSet notOpen = new BitSet();
    if (unpublished == null || !wantsOpen) {
      notOpen.set(0, task.lines());
    } else {
      notOpen.or(unpublished.settled());
    }
    this.open = new OpenLines(store, task, notOpen, layout.wantsKeys());
    advance();
  }

  private static PartLines part(
      FileStore store, @Nullable String path, RowKey keys, Layout layout, Set<AnswerPart> parts) {
    return new PartLines(store, path, keys, new ResultAnswer(parts, layout.endpoint()));
  }

  private static Map<Integer, RowFacts> facts(
      FileStore store, JobFolder folder, SplitTask task, @Nullable UnpublishedRows unpublished) {
    String path = unpublished == null ? folder.rowFacts(task.index()) : unpublished.facts();
    return path == null ? Map.of() : RowFactsFile.read(store, path).rows();
  }

  private @Nullable RowFacts factsOf(long line) {
    return facts.get((int) (line - firstLine));
  }

  /**
   * The rows that a query wants of a split. Those of a published one come without a look at its
   * parts where nothing but their number is wanted.
   */
  static Iterator<InternalRow> of(Layout layout, SplitTask task, JobFolder folder)
      throws IOException {
    RowKey keys = new RowKey(Hash128.ofHex(layout.jobHash()));
    boolean countsOnly = layout.wantsOnlyStatus();
    if (task.published()) {
      return countsOnly
          ? counted(layout, task.file(), task.succeeded(), task.failed(), 0)
          : new AnswerRows(layout, task, folder, keys, null, task.succeeded(), task.failed());
    }
    @Nullable UnpublishedRows rows = null;
    try {
      rows = UnpublishedRows.read(folder, keys, task, countsOnly);
    } catch (StorageException e) {
      if (published(folder, task).isEmpty()) {
        throw e;
      }
    }
    Optional<PartCounts> published = published(folder, task);
    if (published.isPresent()) {
      // Its journal may have been half gone when it was read.
      if (rows != null) {
        rows.close();
      }
      long succeeded = published.get().counts().succeeded();
      long failed = published.get().counts().failed();
      return countsOnly
          ? counted(layout, task.file(), succeeded, failed, 0)
          : new AnswerRows(layout, task, folder, keys, null, succeeded, failed);
    }
    if (rows == null) {
      throw new IllegalStateException("a split that is not published has rows of its own");
    }
    if (rows.parts() == null) {
      long settled = rows.settled().cardinality();
      long failed = settled - rows.succeeded();
      long stillOpen = task.rows() - settled;
      return counted(layout, task.file(), rows.succeeded(), failed, stillOpen);
    }
    return new AnswerRows(layout, task, folder, keys, rows, 0, 0);
  }

  private static Optional<PartCounts> published(JobFolder folder, SplitTask task)
      throws IOException {
    byte @Nullable [] reopened = task.reopened();
    @Nullable ReopenedSplit reopening =
        reopened == null ? null : ReopeningJson.parseSplit(reopened);
    return folder.commits().read(task.index()).filter(part -> JobSplits.isNewest(part, reopening));
  }

  private static Iterator<InternalRow> counted(
      Layout layout, String file, long succeeded, long failed, long open) {
    RowMaker maker = new RowMaker(layout, file);
    long[] left = {
      layout.wants(RowStatus.SUCCEEDED) ? succeeded : 0,
      layout.wants(RowStatus.FAILED) ? failed : 0,
      layout.wants(RowStatus.OPEN) ? open : 0
    };
    InternalRow[] rows = {
      maker.ofStatus(RowStatus.SUCCEEDED),
      maker.ofStatus(RowStatus.FAILED),
      maker.ofStatus(RowStatus.OPEN)
    };
    return new Iterator<>() {
      private int at;

      @Override
      public boolean hasNext() {
        while (at < left.length && left[at] == 0) {
          at++;
        }
        return at < left.length;
      }

      @Override
      public InternalRow next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        left[at]--;
        return rows[at];
      }
    };
  }

  private void advance() {
    next = null;
    while (next == null) {
      long result = results.line();
      long error = errors.line();
      long first = Math.min(open.line(), Math.min(result, error));
      if (first == PartLines.END) {
        close();
        refuseMissing();
        return;
      }
      if (result == first) {
        next = maker.settled(RowStatus.SUCCEEDED, results, factsOf(result));
        results.next();
        missingSucceeded--;
      } else if (error == first) {
        // Of a split that was reopened the old errors stand there still.
        if (settled == null || settled.get((int) (error - firstLine))) {
          next = maker.settled(RowStatus.FAILED, errors, factsOf(error));
        }
        errors.next();
        missingFailed--;
      } else {
        next = maker.open(first, open.customId(), factsOf(first));
        open.next();
      }
    }
  }

  /** A part that was taken away must not look like one without rows. */
  private void refuseMissing() {
    if (unpublished == null && (missingSucceeded != 0 || missingFailed != 0)) {
      throw new BatchException(
          ErrorCode.PROOF_FAILED,
          "The parts of split %d in \"%s\" hold %+d results and %+d errors beside those that were written: files were changed or taken away. \"batchinfer verify\" says which."
              .formatted(split, root, -missingSucceeded, -missingFailed));
    }
  }

  @Override
  public boolean hasNext() {
    return next != null;
  }

  @Override
  public InternalRow next() {
    InternalRow row = next;
    if (row == null) {
      throw new NoSuchElementException();
    }
    advance();
    return row;
  }

  /** To be called even where the rows are not read to their end; may be called again. */
  @Override
  public void close() {
    results.close();
    errors.close();
    open.close();
    if (unpublished != null) {
      unpublished.close();
    }
  }
}
