package io.batchinfer.engine.send;

import io.batchinfer.config.Dedupe;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.config.Via;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RecordedOutcome;
import io.batchinfer.schema.AnswerSchema;
import java.util.BitSet;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What rows of a split get from equal rows or earlier outputs instead of being sent, and which of
 * them wait for that. Asked once for each row, in the order of their lines, by one thread.
 */
final class SharedAnswers implements AutoCloseable {
  private final BitSet equal;
  private final int firstLine;
  private final CopiesFile copies;
  private final Pricing pricing;
  private final Predicate<RecordedOutcome> fits;

  /**
   * @param equal lines of the unit that are equal to earlier rows
   * @param firstLine the split's first line in its unit
   * @param fits whether an answer of another job is one for this
   */
  private SharedAnswers(
      BitSet equal,
      int firstLine,
      CopiesFile copies,
      Pricing pricing,
      Predicate<RecordedOutcome> fits) {
    this.equal = equal;
    this.firstLine = firstLine;
    this.copies = copies;
    this.pricing = pricing;
    this.fits = fits;
  }

  /** Every row has an answer of its own. */
  static SharedAnswers none() {
    return new SharedAnswers(new BitSet(), 0, CopiesFile.none(), Pricing.UNKNOWN, any -> true);
  }

  /** Opens what a claimed split has. */
  static SharedAnswers of(JobView job, Split split, SplitClaim claimed) {
    boolean mayWait =
        job.plan().equalRows() > 0
            && claimed.closing().isEmpty()
            && job.spec().options().get(SavingOptions.DEDUPE) != Dedupe.OFF;
    return new SharedAnswers(
        mayWait ? job.folder().equalLines(split.unit()) : new BitSet(),
        split.unitLine(),
        CopiesFile.of(job.folder(), split.index()),
        job.spec().options().get(SavingOptions.VIA) == Via.BATCH
            ? job.spec().pricing().ofBatches()
            : job.spec().pricing(),
        checks(job));
  }

  /** Whether an answer of another job fits this one's schema. */
  private static Predicate<RecordedOutcome> checks(JobView job) {
    Optional<AnswerSchema> schema = job.spec().answerSchema();
    if (schema.isEmpty()) {
      return answer -> true;
    }
    // What cannot be checked counts as a misfit, so the row is sent.
    AnswerCheck check = new AnswerCheck(schema.get(), unchecked -> {});
    return answer ->
        answer.outcome() instanceof Answered answered
            && check
                .checked(answered.body(), new ReplyFacts(true, answered.usage(), "", ""))
                .misfit()
                .isEmpty();
  }

  /** What becomes of a row that may be sent; null where it has nothing to do with others. */
  @Nullable RowFate fateOf(int line, Request request) {
    CopiedAnswer copy = copies.at(line);
    if (copy != null && copy.isToSend()) {
      return null;
    }
    if (copy != null) {
      RecordedOutcome recorded = RecordedOutcome.read(copy.resultLine(), request.path());
      if (copy.output().isEmpty() || fits.test(recorded)) {
        return new RowFate.Copied(
            request.customId(), copy.output(), priced(recorded, request.model()));
      }
    }
    return equal.get(firstLine + line) ? RowFate.WAITS : null;
  }

  /** With what the answer would have cost. */
  private RecordedOutcome priced(RecordedOutcome recorded, String model) {
    if (recorded.outcome() instanceof Answered answered) {
      ReplyFacts facts =
          new ReplyFacts(true, answered.usage(), answered.marks(), "", "", false, recorded.model());
      return recorded.with(answered.with(pricing.priced(model, facts).usage()));
    }
    return recorded;
  }

  @Override
  public void close() {
    copies.close();
  }
}
