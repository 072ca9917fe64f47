package io.batchinfer.engine.send;

import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.Then;
import io.batchinfer.config.Via;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.Split;
import io.batchinfer.remote.RemoteFolder;
import io.batchinfer.remote.RemoteLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a provider's batch service has said of the rows of a split, round by round. Asked once for
 * each row, in the order of their lines, by one thread.
 */
final class RemoteAnswers implements AutoCloseable {
  private final List<CopiesFile> rounds;
  private final Rest rest;
  private final int mostAttempts;

  /** What becomes of rows that have no answer. */
  private enum Rest {
    /** They go into a batch, or out by themselves. */
    SENT,
    /** They are not sent any more. */
    ENDS
  }

  private RemoteAnswers(List<CopiesFile> rounds, Rest rest, int mostAttempts) {
    this.rounds = rounds;
    this.rest = rest;
    this.mostAttempts = mostAttempts;
  }

  /** No row was in any batch. */
  static RemoteAnswers none() {
    return new RemoteAnswers(List.of(), Rest.SENT, Integer.MAX_VALUE);
  }

  /** For whoever settles and sends rows. */
  static RemoteAnswers toSettle(JobView job, Split split) {
    ResolvedOptions options = job.spec().options();
    boolean ends =
        options.get(SavingOptions.VIA) == Via.BATCH && options.get(SavingOptions.THEN) == Then.NONE;
    return new RemoteAnswers(open(job, split), ends ? Rest.ENDS : Rest.SENT, Integer.MAX_VALUE);
  }

  /** For whoever puts rows into batches: which may not go into another one. */
  static RemoteAnswers toCut(JobView job, Split split) {
    ResolvedOptions options = job.spec().options();
    int most =
        options.get(SavingOptions.THEN) == Then.INTERACTIVE
            ? 1
            : options.get(RetryOptions.MAX_ATTEMPTS);
    return new RemoteAnswers(open(job, split), Rest.SENT, most);
  }

  private static List<CopiesFile> open(JobView job, Split split) {
    RemoteFolder folder = new RemoteFolder(job.folder());
    List<CopiesFile> files = new ArrayList<>();
    try {
      for (String path : folder.answers(split.index())) {
        files.add(CopiesFile.at(folder.store(), path));
      }
    } catch (Throwable thrown) {
      files.forEach(CopiesFile::close);
      throw thrown;
    }
    return files;
  }

  /**
   * What becomes of a row; null where a batch has nothing to do with it.
   *
   * @param closing whether rows without an answer are closed
   */
  @Nullable RowFate fateOf(int line, Request request, boolean closing) {
    int attempts = 0;
    @Nullable RemoteLine last = null;
    for (CopiesFile round : rounds) {
      @Nullable CopiedAnswer said = round.at(line);
      if (said != null && (last == null || !last.isFinal())) {
        attempts++;
        last = read(said.resultLine());
      }
    }
    if (last == null) {
      return null;
    }
    boolean ends = rest == Rest.ENDS ? !closing : attempts >= mostAttempts;
    return last.isFinal() || ends ? new RowFate.Fetched(request, last, attempts) : null;
  }

  /** What becomes of a row that is to be sent and was in no batch. */
  RowFate otherwise(Request request) {
    return rest == Rest.SENT
        ? new RowFate.Sent(request)
        : new RowFate.Unsent(
            request.customId(),
            new Unanswered(
                ErrorCode.NOT_BATCHED,
                "The provider's batch service takes no such request; --then interactive sends it by itself.",
                null));
  }

  private static RemoteLine read(byte[] line) {
    try {
      return RemoteLine.read(line, 0, line.length);
    } catch (IOException e) {
      throw new StorageException("A line of a batch's answers cannot be read any more", e);
    }
  }

  @Override
  public void close() {
    rounds.forEach(CopiesFile::close);
  }
}
