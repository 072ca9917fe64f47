package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.Reply;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Saturating;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaRequest.Observed;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaRequest.Totals;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What the attempts of a process brought and cost, and which pause they call for: all that it has
 * to report. Not thread-safe.
 */
final class AttemptBook {
  private static final int MOST_DETAIL = 300;

  private final Function<Reply, StatedLimits> statedLimits;
  private final TokenCharge charge = new TokenCharge();
  private final CutDetector cuts = new CutDetector();
  private final ThrottlePause throttlePause = new ThrottlePause();
  private final long[] meanings = new long[StatusMeaning.values().length];
  private final long[] latencies = new long[LatencyHistogram.CLASSES];
  private long[] reported = new long[meanings.length];
  private boolean succeeded;
  private long tokenRefund;
  private Usage usage = Usage.NONE;
  private long coolDownUntil;
  private long askedCoolDown;
  private StatedLimits stated = StatedLimits.NONE;
  private String detail = "";
  private String remark = "";

  AttemptBook(Function<Reply, StatedLimits> statedLimits, long now) {
    this.statedLimits = statedLimits;
    this.coolDownUntil = now;
  }

  TokenCharge charge() {
    return charge;
  }

  boolean hasSucceeded() {
    return succeeded;
  }

  /** Charges a row when it goes out; the permit may have been granted for another cost. */
  void charge(WaitingRow row, long cost, long permitTokens) {
    row.charge(cost);
    refund(permitTokens - cost);
  }

  /**
   * Books an attempt; returns whether it is the first success.
   *
   * @param rated whether the endpoint's rate is known, so that a 429 means that it was exceeded
   */
  boolean book(WaitingRow row, Attempt attempt, long took, long now, boolean rated) {
    StatusMeaning meaning = attempt.meaning();
    meanings[meaning.ordinal()]++;
    if (meaning == StatusMeaning.ANSWERED) {
      latencies[LatencyHistogram.classOf(took)]++;
    }
    bookTokens(row, attempt);
    bookPause(attempt, now, rated);
    if (meaning.stopCode().isPresent()) {
      detail = detailOf(attempt);
    }
    if (meaning == StatusMeaning.GATEWAY_TIMEOUT || meaning == StatusMeaning.CONNECTION_LOST) {
      cuts.cutAfter(took);
    }
    if (attempt.reply() != null) {
      StatedLimits told = statedLimits.apply(attempt.reply());
      stated = told.equals(StatedLimits.NONE) ? stated : told;
    }
    boolean first = meaning == StatusMeaning.ANSWERED && !succeeded;
    succeeded |= first;
    return first;
  }

  /** A pause that the endpoint asks for, or that its refusal against a known rate calls for. */
  private void bookPause(Attempt attempt, long now, boolean rated) {
    Optional<Duration> told = attempt.retryAfter();
    long pause = 0;
    if (attempt.meaning().isRowsOwn()) {
      return;
    }
    if (told.isPresent() && attempt.meaning().retry() != StatusMeaning.Retry.NONE) {
      pause = told.get().toNanos();
    } else if (attempt.meaning() == StatusMeaning.THROTTLED && rated) {
      pause = throttlePause.begin(now);
    }
    if (attempt.meaning() == StatusMeaning.THROTTLED && now + pause > coolDownUntil) {
      charge.paused(now + pause - Math.max(now, coolDownUntil), now);
    }
    askedCoolDown = Math.max(askedCoolDown, pause);
    coolDownUntil = Math.max(coolDownUntil, now + pause);
  }

  private void bookTokens(WaitingRow row, Attempt attempt) {
    ReplyFacts facts = attempt.facts();
    if (facts != null) {
      usage = usage.plus(facts.usage());
      facts.disbelieved().ifPresent(stated -> remark = remarkOn(stated, row, attempt, facts));
    }
    if (facts != null && attempt.meaning() == StatusMeaning.ANSWERED) {
      // A usage that cannot be says nothing about what the endpoint counts.
      long used = facts.disbelieved().isPresent() ? 0 : facts.usage().total();
      if (used > 0) {
        refund(charge.settle(row.request().estimatedTokens(), row.charged(), used));
      }
    } else if (attempt.meaning().isThrottled()
        || attempt.meaning().retry() == StatusMeaning.Retry.WHEN_TOLD) {
      refund(row.charged());
    }
  }

  private void refund(long tokens) {
    tokenRefund = Saturating.sum(tokenRefund, tokens);
  }

  private static String remarkOn(Usage stated, WaitingRow row, Attempt attempt, ReplyFacts facts) {
    return "An answer states %s, which a request of %,d bytes and an answer of %,d bytes cannot have; %s are counted, here and for others like it. Limits, caps and cost rest on what the endpoint states: see whether it is right."
        .formatted(
            tokens(stated),
            row.request().entity().bytes(),
            attempt.reply() == null ? 0 : attempt.reply().body().length,
            tokens(facts.usage()));
  }

  private static String tokens(Usage usage) {
    return "%,d prompt and %,d completion tokens"
        .formatted(usage.promptTokens(), usage.completionTokens());
  }

  private static String detailOf(Attempt attempt) {
    if (attempt.failure() != null) {
      return String.valueOf(attempt.failure().getMessage());
    }
    String words = attempt.facts() == null ? "" : attempt.facts().errorMessage();
    String status = attempt.reply() == null ? "" : "status " + attempt.reply().status();
    String shortened = words.length() > MOST_DETAIL ? words.substring(0, MOST_DETAIL) + "…" : words;
    return shortened.isEmpty() ? status : status + ": " + shortened;
  }

  /** Takes in a pause that others were told. */
  void pauseUntil(long until) {
    coolDownUntil = Math.max(coolDownUntil, until);
  }

  /** How long to pause from now on, not above zero when there is no pause. */
  long pauseLeft(long now) {
    return coolDownUntil - now;
  }

  /** What is to be told of the endpoint; the pause that it asked for is told once. */
  Observed takeObserved() {
    long asked = askedCoolDown;
    askedCoolDown = 0;
    return new Observed(asked, stated, cuts.cutAfter(), detail, remark);
  }

  /** What is to be told of the attempts made. */
  Totals totals(Progress progress) {
    return new Totals(meanings.clone(), tokenRefund, usage, progress.with(latencies()));
  }

  /** Puts back a pause whose report was lost. */
  void putBackAskedCoolDown(long asked) {
    askedCoolDown = Math.max(askedCoolDown, asked);
  }

  /** Notes that the authority has heard of these attempts. */
  void reported(long[] heard) {
    reported = heard;
  }

  boolean isReported() {
    return Arrays.equals(meanings, reported);
  }

  boolean isSpent(List<Allowance> allowances) {
    for (Allowance allowance : allowances) {
      if (allowance.isSpent(usage)) {
        return true;
      }
    }
    return false;
  }

  /** How long answers took; nothing before the first success. */
  private LatencyHistogram latencies() {
    return succeeded ? new LatencyHistogram(latencies.clone()) : LatencyHistogram.NONE;
  }

  /** What the user should know about an answer, or empty. */
  String remark() {
    return remark;
  }
}
