package io.batchinfer.journal;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Savings;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A settled row as the journal keeps it: where it stands, what it counts for, and its finished
 * line.
 *
 * @param line the row's line in its split, from 0
 * @param success whether the line belongs into the results
 * @param provisional whether a resume may reopen the row (expired, cancelled)
 * @param attempts requests sent for the row
 * @param mayHaveRun attempts without an answer that may have been executed
 * @param usage what the answer reports, also where it was there already and nothing was spent; the
 *     discount of a cache only where the endpoint gave the answer to the row itself
 * @param saved what the batch service took off the price of its answer; nothing for other answers
 * @param error code under which a failure is counted, empty on success
 * @param rendered the result line with its line end
 */
public record JournalEntry(
    int line,
    boolean success,
    boolean provisional,
    AnswerMarks marks,
    int attempts,
    int mayHaveRun,
    Usage usage,
    Cost saved,
    String error,
    byte[] rendered) {
  private static final int SUCCESS = 1;
  private static final int PROVISIONAL = 2;
  private static final int TRUNCATED = 4;
  private static final int USAGE_DETAILS = 8;
  private static final int PRICED = 16;
  private static final int FILTERED = 32;
  private static final int REPAIRED = 64;
  private static final int SOURCE = 128;

  /** What the byte after the cost says of where an answer is from. */
  private static final AnswerSource[] SOURCES = AnswerSource.values();

  /**
   * Bytes before the error code: length, line, flags, attempts, may-have-run, tokens, code length.
   */
  private static final int FIXED = 4 + 4 + 1 + 2 + 2 + 8 + 8 + 1;

  /** Bytes of cached and reasoning tokens behind the others, where there are any. */
  private static final int DETAILS = 8 + 8;

  /** Bytes of the cost behind them, where it is known. */
  private static final int COST = 8;

  /** Stands for the cost of pages or seconds whose price is not known. */
  private static final long UNKNOWN_COST = -1;

  public JournalEntry {
    usage = marks.source() == AnswerSource.ENDPOINT ? usage : usage.withCacheDiscount(0);
  }

  /** A row whose answer is at its full price, or was there already. */
  public JournalEntry(
      int line,
      boolean success,
      boolean provisional,
      AnswerMarks marks,
      int attempts,
      int mayHaveRun,
      Usage usage,
      String error,
      byte[] rendered) {
    this(
        line, success, provisional, marks, attempts, mayHaveRun, usage, Cost.NONE, error, rendered);
  }

  /** What was spent on the row, which is nothing for an answer that was there already. */
  public Spent spent() {
    AnswerSource source = marks.source();
    return source.isCopy()
        ? new Spent(attempts, mayHaveRun, Usage.NONE, Savings.of(source, usage.cost()))
        : new Spent(attempts, mayHaveRun, usage, Savings.of(source, saved));
  }

  /** Whether it is told where the answer is from: from elsewhere, or with a cache's discount. */
  private boolean hasSource() {
    return marks.source() != AnswerSource.ENDPOINT || usage.cacheDiscount() > 0;
  }

  /** Whether something was taken off the price of the row's own answer. */
  private boolean hasSaved() {
    return hasSource() && !marks.source().isCopy();
  }

  private long written(Cost amount) {
    return amount.isKnown() ? amount.billionths() : UNKNOWN_COST;
  }

  private boolean hasUsageDetails() {
    return usage.cachedTokens() != 0 || usage.reasoningTokens() != 0;
  }

  /**
   * Tokens without a cost are such whose price is not known, also in entries before there was one;
   * a cost without tokens is one of pages or seconds.
   */
  private boolean isPriced() {
    return usage.total() > 0 ? usage.cost().isKnown() : !usage.cost().equals(Cost.NONE);
  }

  int encodedLength() {
    return FIXED
        + (hasUsageDetails() ? DETAILS : 0)
        + (isPriced() ? COST : 0)
        + (hasSource() ? 1 : 0)
        + (hasSaved() ? COST : 0)
        + Math.min(error.length(), 255)
        + rendered.length;
  }

  /** Writes all but the rendered line, which follows. */
  void encodeHead(ByteBuffer out) {
    byte[] code = error.getBytes(StandardCharsets.US_ASCII);
    int codeLength = Math.min(code.length, 255);
    out.putInt(encodedLength());
    out.putInt(line);
    out.put(
        (byte)
            ((success ? SUCCESS : 0)
                | (provisional ? PROVISIONAL : 0)
                | (marks.truncated() ? TRUNCATED : 0)
                | (hasUsageDetails() ? USAGE_DETAILS : 0)
                | (marks.filtered() ? FILTERED : 0)
                | (marks.repaired() ? REPAIRED : 0)
                | (hasSource() ? SOURCE : 0)
                | (isPriced() ? PRICED : 0)));
    out.putShort((short) Math.min(attempts, Short.MAX_VALUE));
    out.putShort((short) Math.min(mayHaveRun, Short.MAX_VALUE));
    out.putLong(usage.promptTokens());
    out.putLong(usage.completionTokens());
    if (hasUsageDetails()) {
      out.putLong(usage.cachedTokens());
      out.putLong(usage.reasoningTokens());
    }
    if (isPriced()) {
      out.putLong(written(usage.cost()));
    }
    if (hasSource()) {
      out.put((byte) marks.source().ordinal());
    }
    if (hasSaved()) {
      boolean ofCache = marks.source() == AnswerSource.ENDPOINT;
      out.putLong(ofCache ? usage.cacheDiscount() : written(saved));
    }
    out.put((byte) codeLength);
    out.put(code, 0, codeLength);
  }

  /** The entry that starts at the buffer's position, which moves behind it. */
  static JournalEntry decode(ByteBuffer in) {
    return decode(in, true);
  }

  /** The same facts with an empty line, for counting. */
  static JournalEntry decodeWithoutLine(ByteBuffer in) {
    return decode(in, false);
  }

  private static Cost cost(long written) {
    return written == UNKNOWN_COST ? Cost.UNKNOWN : Cost.of(written);
  }

  private static JournalEntry decode(ByteBuffer in, boolean withLine) {
    final int end = in.position() + in.getInt(in.position());
    in.position(in.position() + Integer.BYTES);
    final int line = in.getInt();
    final int flags = in.get();
    final int attempts = in.getShort();
    final int mayHaveRun = in.getShort();
    final long prompt = in.getLong();
    final long completion = in.getLong();
    boolean details = (flags & USAGE_DETAILS) != 0;
    final long cached = details ? in.getLong() : 0;
    final long reasoning = details ? in.getLong() : 0;
    boolean priced = (flags & PRICED) != 0;
    Cost cost = prompt > 0 || completion > 0 ? Cost.UNKNOWN : Cost.NONE;
    cost = priced ? cost(in.getLong()) : cost;
    boolean told = (flags & SOURCE) != 0;
    AnswerSource source = told ? SOURCES[in.get()] : AnswerSource.ENDPOINT;
    long off = told && !source.isCopy() ? in.getLong() : 0;
    boolean ofCache = source == AnswerSource.ENDPOINT;
    byte[] code = new byte[in.get() & 0xff];
    in.get(code);
    byte[] rendered = new byte[withLine ? end - in.position() : 0];
    in.get(rendered);
    in.position(end);
    return new JournalEntry(
        line,
        (flags & SUCCESS) != 0,
        (flags & PROVISIONAL) != 0,
        new AnswerMarks(
            (flags & TRUNCATED) != 0, (flags & FILTERED) != 0, (flags & REPAIRED) != 0, source),
        attempts,
        mayHaveRun,
        new Usage(prompt, completion, cached, reasoning, cost, ofCache ? off : 0),
        ofCache ? Cost.NONE : cost(off),
        new String(code, StandardCharsets.US_ASCII),
        rendered);
  }
}
