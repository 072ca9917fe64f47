package io.batchinfer.engine.lead;

import java.time.Duration;
import java.util.List;

/**
 * How much may be at the provider at a time: as its limits are known, and less for a while where it
 * refuses more. Not thread-safe.
 */
final class RemoteRoom {
  private static final int LONGEST_PAUSE = 10;

  private final RemoteSettings settings;
  private int allowed = Integer.MAX_VALUE;
  private Duration pause = Duration.ZERO;
  private long pausedUntil;
  private boolean paused;

  RemoteRoom(RemoteSettings settings) {
    this.settings = settings;
  }

  /** Whether a batch may begin its way beside those that are on it. */
  boolean mayBegin(BatchOnItsWay batch, List<BatchOnItsWay> all, long now) {
    long batches = 0;
    long requests = batch.work().load().rows();
    long tokens = batch.work().load().tokens();
    for (BatchOnItsWay other : all) {
      if (other.isUnderWay()) {
        batches++;
        requests += other.work().load().rows();
        tokens += other.work().load().tokens();
      }
    }
    boolean fits =
        batches < settings.pending()
            && requests <= settings.queuedRequests()
            && tokens <= settings.queuedTokens();
    // One that was put off is the next; its file is there.
    boolean waiting =
        paused && all.stream().anyMatch(other -> other.isUnderWay() && !other.isCreated());
    return (batches == 0 || fits) && !waiting;
  }

  /** Whether another batch may be created. */
  boolean mayCreate(List<BatchOnItsWay> all, long now) {
    long created = all.stream().filter(BatchOnItsWay::isCreated).count();
    if (!paused) {
      return true;
    }
    return created < allowed || now - pausedUntil >= 0;
  }

  /** The provider has no room for more than what is there. */
  void refused(List<BatchOnItsWay> all, long now, Duration atLeast) {
    allowed = (int) all.stream().filter(BatchOnItsWay::isCreated).count();
    Duration longest = settings.longestPoll().multipliedBy(LONGEST_PAUSE);
    pause = pause.isZero() ? settings.firstPoll() : pause.multipliedBy(2);
    pause = pause.compareTo(longest) > 0 ? longest : pause;
    Duration wait = pause.compareTo(atLeast) < 0 ? atLeast : pause;
    paused = true;
    pausedUntil = now + wait.toNanos();
  }

  /** A batch is at work, so there is room for it. */
  void works() {
    pause = Duration.ZERO;
  }
}
