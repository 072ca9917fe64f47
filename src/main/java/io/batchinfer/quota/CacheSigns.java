package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;

/**
 * Whether a server's cache serves rows that begin alike at once, as one cache for all requests
 * does, or only one after the other, as a cache in each slot does. Both is tried, and answers say
 * how much of a prompt was cached. Where they say nothing of it, or rows that go one after the
 * other are not served either (since more are sent than the server has slots), the former is
 * assumed. Not thread-safe.
 */
final class CacheSigns {
  /** Answers that tell whether a second slot is served. */
  private static final int ENOUGH = 3;

  /** Answers without a word of a cache after which none is expected. */
  private static final int SILENT = 16;

  private final Share alone = new Share();
  private final Share second = new Share();
  private boolean spoken;
  private int trials;

  /** How a row went out, as to those that begin like it, at the same replica. */
  enum Company {
    /** Nothing can be learned of it. */
    ANY,
    /** One of them had been answered, none was under way. */
    ALONE,
    /** One was under way, and never were there more: no second slot can have what they share. */
    SECOND
  }

  /** The part of prompts that was cached, mostly of the last answers. */
  private static final class Share {
    private static final double WEIGHT = 0.125;
    private int answers;
    private double mean;

    void add(double share) {
      answers++;
      mean += (share - mean) * Math.max(WEIGHT, 1.0 / answers);
    }
  }

  /** Notes that a row went out. */
  void began(Company company) {
    trials += company == Company.SECOND ? 1 : 0;
  }

  /** Takes in how an attempt ended that went out like that. */
  void ended(Company company, Attempt attempt) {
    trials -= company == Company.SECOND ? 1 : 0;
    ReplyFacts facts = attempt.facts();
    if (company == Company.ANY || attempt.meaning() != StatusMeaning.ANSWERED || facts == null) {
      return;
    }
    Usage usage = facts.usage();
    if (usage.promptTokens() > 0) {
      spoken |= usage.cachedTokens() > 0;
      (company == Company.ALONE ? alone : second)
          .add((double) usage.cachedTokens() / usage.promptTokens());
    }
  }

  /** Whether it is not known, and not under way, what a second slot has. */
  boolean wantsTrial() {
    return second.answers + trials < ENOUGH;
  }

  /** Whether rows that begin alike should rather go one after the other. */
  boolean areSlotsApart() {
    if (!spoken && alone.answers + second.answers >= SILENT) {
      return false;
    }
    return second.answers < ENOUGH || alone.mean > 2 * second.mean;
  }
}
