package io.batchinfer.engine.send;

import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.row.RecordedOutcome;
import io.batchinfer.row.ResultLineWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Turns the end of a row into a journal entry. A refusal that stops the job leaves its row open, to
 * be sent again when the cause is fixed; one that may stop it is set aside until that is known.
 * Thread-safe.
 */
final class RowSettler {
  private final JournalWriter journal;
  private final ResultLineWriter lines;
  private final QuotaSession quota;
  private final Tally tally;
  private final Consumer<Throwable> unexpected;
  private final List<Runnable> setAside = new ArrayList<>();

  /**
   * @param unexpected is told what an answer was not to be made a line for
   */
  RowSettler(
      JournalWriter journal,
      ResultLineWriter lines,
      QuotaSession quota,
      Tally tally,
      Consumer<Throwable> unexpected) {
    this.journal = journal;
    this.lines = lines;
    this.quota = quota;
    this.tally = tally;
    this.unexpected = unexpected;
  }

  /** Settles a row that was sent. */
  void settle(SplitProgress progress, int lineInSplit, @Nullable String customId, RowEnd end) {
    Stop stop = end.stop();
    Runnable settle =
        () -> {
          write(progress, lineInSplit, customId, end.outcome(), end.attempts(), end.mayHaveRun());
          progress.done();
        };
    if (stop == Stop.BEFORE_FIRST_SUCCESS && !quota.hasSucceeded()) {
      synchronized (setAside) {
        setAside.add(settle);
      }
    } else if (stop != Stop.AT_ONCE) {
      settle.run();
    }
  }

  /** Settles what was set aside, once the job is known to go on. */
  void settleSetAside() {
    List<Runnable> rows;
    synchronized (setAside) {
      rows = List.copyOf(setAside);
      setAside.clear();
    }
    rows.forEach(Runnable::run);
  }

  boolean hasSetAside() {
    synchronized (setAside) {
      return !setAside.isEmpty();
    }
  }

  /**
   * Settles a row that a batch service has dealt with.
   *
   * @param saved what the service took off the price of its answer
   */
  void settleFetched(
      SplitProgress progress, int lineInSplit, @Nullable String customId, RowEnd end, Cost saved) {
    append(
        progress,
        rendered(progress, lineInSplit, customId, end.outcome())
            .entry(lineInSplit, end.attempts(), end.mayHaveRun(), saved));
  }

  /** Settles a row that is not sent. */
  void settleUnsent(
      SplitProgress progress, int lineInSplit, @Nullable String customId, Unanswered outcome) {
    write(progress, lineInSplit, customId, outcome, 0, 0);
  }

  /** Settles a row with an answer that is there already; nothing was paid for it. */
  void settleCopied(SplitProgress progress, int lineInSplit, RowFate.Copied copied) {
    RecordedOutcome from = copied.answer();
    RowOutcome outcome = from.outcome();
    boolean equal = copied.output().isEmpty();
    AnswerSource source = equal ? AnswerSource.EQUAL_ROW : AnswerSource.EARLIER_OUTPUT;
    String origin = equal ? from.id() : copied.output() + "#" + from.id();
    append(
        progress,
        new JournalEntry(
            lineInSplit,
            outcome.isSuccess(),
            false,
            marksOf(outcome).from(source),
            0,
            0,
            usageOf(outcome),
            errorOf(outcome),
            lines.renderCopy(
                progress.split().row(lineInSplit), copied.customId(), outcome, source, origin)));
  }

  private static AnswerMarks marksOf(RowOutcome outcome) {
    return outcome instanceof Answered answered ? answered.marks() : AnswerMarks.NONE;
  }

  /** Settles a row of which workers died; it may have run, at least once. */
  void settleCrashed(SplitProgress progress, int lineInSplit, @Nullable String customId) {
    Unanswered outcome =
        new Unanswered(
            ErrorCode.ROW_CRASHES_WORKER,
            "The worker's process died while this request was under way, even when nothing else was under way.",
            null);
    write(progress, lineInSplit, customId, outcome, 1, 1);
  }

  private void write(
      SplitProgress progress,
      int lineInSplit,
      @Nullable String customId,
      RowOutcome outcome,
      int attempts,
      int mayHaveRun) {
    append(
        progress,
        rendered(progress, lineInSplit, customId, outcome)
            .entry(lineInSplit, attempts, mayHaveRun, null));
  }

  private Rendered rendered(
      SplitProgress progress, int lineInSplit, @Nullable String customId, RowOutcome outcome) {
    RowId row = progress.split().row(lineInSplit);
    try {
      return new Rendered(outcome, lines.render(row, customId, outcome));
    } catch (RuntimeException | StackOverflowError e) {
      unexpected.accept(e);
      Unanswered unreadable = OutcomeClassifier.unusable(e);
      return new Rendered(unreadable, lines.render(row, customId, unreadable));
    }
  }

  /** An outcome and its line. */
  private record Rendered(RowOutcome outcome, byte[] line) {
    /**
     * Its entry.
     *
     * @param saved by the batch service that it is from, null for one that is from none
     */
    JournalEntry entry(int lineInSplit, int attempts, int mayHaveRun, @Nullable Cost saved) {
      AnswerMarks marks = marksOf(outcome);
      return new JournalEntry(
          lineInSplit,
          outcome.isSuccess(),
          isProvisional(outcome),
          saved == null ? marks : marks.from(AnswerSource.BATCH_SERVICE),
          attempts,
          mayHaveRun,
          usageOf(outcome),
          saved == null ? Cost.NONE : saved,
          errorOf(outcome),
          line);
    }
  }

  private void append(SplitProgress progress, JournalEntry entry) {
    CompletableFuture<Void> durable =
        journal.append(progress.split().index(), entry).toCompletableFuture();
    if (durable.isCompletedExceptionally()) {
      // A row that is not kept is not settled.
      durable.join();
    }
    tally.add(entry);
  }

  private static boolean isProvisional(RowOutcome outcome) {
    return outcome instanceof Unanswered unanswered && unanswered.code().isProvisional();
  }

  private static Usage usageOf(RowOutcome outcome) {
    if (outcome instanceof Unfit unfit) {
      return unfit.answer().usage();
    }
    return outcome instanceof Answered answered ? answered.usage() : Usage.NONE;
  }

  /** The error code of a row that ended so; empty for a success. */
  static String errorOf(RowOutcome outcome) {
    if (outcome instanceof Answered answered) {
      return answered.refusal();
    }
    if (outcome instanceof Unfit unfit) {
      return unfit.misfit().code().code();
    }
    return outcome instanceof Unanswered unanswered
        ? unanswered.code().code()
        : ErrorCode.INVALID_RESPONSE.code();
  }
}
