package io.batchinfer.engine.send;

import io.batchinfer.config.Dedupe;
import io.batchinfer.config.Options;
import io.batchinfer.engine.SplitClaim;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.copies.CopiesFile;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.Split;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RecordedOutcome;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What rows of a split get from equal rows instead of being sent, and which of them wait for that.
 * Asked once for each row, in the order of their lines, by one thread.
 */
final class SharedAnswers implements AutoCloseable {
  private final BitSet equal;
  private final int firstLine;
  private final CopiesFile copies;
  private final Pricing pricing;

  /**
   * @param equal lines of the unit that are equal to earlier rows
   * @param firstLine the split's first line in its unit
   */
  private SharedAnswers(BitSet equal, int firstLine, CopiesFile copies, Pricing pricing) {
    this.equal = equal;
    this.firstLine = firstLine;
    this.copies = copies;
    this.pricing = pricing;
  }

  /** Every row has an answer of its own. */
  static SharedAnswers none() {
    return new SharedAnswers(new BitSet(), 0, CopiesFile.none(), Pricing.UNKNOWN);
  }

  /** Opens what a claimed split has. */
  static SharedAnswers of(JobView job, Split split, SplitClaim claimed) {
    if (job.plan().equalRows() == 0) {
      return none();
    }
    boolean mayWait =
        claimed.closing().isEmpty() && job.spec().options().get(Options.DEDUPE) != Dedupe.OFF;
    return new SharedAnswers(
        mayWait ? job.folder().equalLines(split.unit()) : new BitSet(),
        split.unitLine(),
        claimed.reopened().isPresent()
            ? CopiesFile.of(job.folder(), split.index())
            : CopiesFile.none(),
        job.spec().pricing());
  }

  /** What becomes of a row that may be sent; null where it has nothing to do with others. */
  @Nullable RowFate fateOf(int line, Request request) {
    CopiedAnswer copy = copies.at(line);
    if (copy != null) {
      return copy.isToSend()
          ? null
          : new RowFate.Copied(
              request.customId(),
              priced(RecordedOutcome.read(copy.resultLine(), request.path()), request.model()));
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
