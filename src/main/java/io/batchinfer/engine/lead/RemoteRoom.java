package io.batchinfer.engine.lead;

import io.batchinfer.remote.RemoteBatch;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * How much may be at the provider at a time: as its limits are known, and less for a while where it
 * refuses more. Not thread-safe.
 */
final class RemoteRoom {
  private static final int LONGEST_PAUSE = 10;

  /** What a batch is called of which nothing has begun. */
  private static final Set<String> WAITING = Set.of("validating", "QUEUED");

  private final RemoteSettings settings;
  private int allowed = Integer.MAX_VALUE;
  private Duration pause = Duration.ZERO;
  private long pausedUntil;
  private boolean paused;
  private String said = "";

  /** Batches that were there when there was no room for more. */
  private final Set<Integer> before = new HashSet<>();

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
    before.clear();
    all.stream()
        .filter(BatchOnItsWay::isCreated)
        .forEach(batch -> before.add(batch.note().number()));
    allowed = before.size();
    Duration longest = settings.longestPoll().multipliedBy(LONGEST_PAUSE);
    pause = pause.isZero() ? settings.firstPoll() : pause.multipliedBy(2);
    pause = pause.compareTo(longest) > 0 ? longest : pause;
    Duration wait = pause.compareTo(atLeast) < 0 ? atLeast : pause;
    paused = true;
    pausedUntil = now + wait.toNanos();
  }

  /** Whether the provider has not said so of its room before; it has from now on. */
  boolean isNews(String words) {
    boolean news = !words.equals(said);
    said = words;
    return news;
  }

  /** A batch is at work: one that came after the refusal shows that there is room again. */
  void works(BatchOnItsWay batch) {
    RemoteBatch seen = batch.seen;
    boolean validated = seen != null && !WAITING.contains(seen.status());
    if (paused && validated && !before.contains(batch.note().number())) {
      paused = false;
      pause = Duration.ZERO;
    }
  }
}
