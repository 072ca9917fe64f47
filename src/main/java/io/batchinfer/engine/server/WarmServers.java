package io.batchinfer.engine.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.time.Scheduler.Cancellable;
import io.batchinfer.time.Time;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Servers of this process that no run uses, each kept for some time for the next run that wants the
 * same. Thread-safe.
 *
 * @param <S> a server
 */
final class WarmServers<S extends WarmServers.Kept> {
  private static final Logger LOG = LoggerFactory.getLogger(WarmServers.class);

  private final Time time;
  private final Executor ends;

  @GuardedBy("this")
  private final List<Entry<S>> kept = new ArrayList<>();

  /** What can be kept. */
  interface Kept {
    String name();

    /** Whether it still answers, as far as is known. */
    boolean isThere();

    /** Ends it, and returns when nothing of it is left; also to those who call it a second time. */
    void close();
  }

  /** One that is kept, or is being ended and not gone yet. */
  private static final class Entry<S> {
    private final EngineKind kind;
    private final S server;
    private final long since;
    private Cancellable expiry = () -> {};
    private boolean ending;

    Entry(EngineKind kind, S server, long since) {
      this.kind = kind;
      this.server = server;
      this.since = since;
    }
  }

  /**
   * @param ends has servers ended whose time is over, which takes a while
   */
  WarmServers(Time time, Executor ends) {
    this.time = time;
    this.ends = ends;
  }

  /** Keeps one until it is taken, in the way, or that time is over. */
  void keep(EngineKind kind, S server, Duration idle) {
    Entry<S> entry = new Entry<>(kind, server, time.nanos());
    synchronized (this) {
      kept.add(entry);
      entry.expiry =
          time.schedule(
              () -> ends.execute(() -> end(one -> one == entry, "its time is over")), idle);
    }
  }

  /**
   * One of that kind, which is the caller's from now on. Those of any kind that are found dead are
   * ended.
   */
  Optional<S> take(EngineKind kind) {
    end(entry -> !entry.server.isThere(), "it has died");
    synchronized (this) {
      for (Entry<S> entry : kept) {
        if (!entry.ending && entry.kind.equals(kind)) {
          entry.expiry.cancel();
          kept.remove(entry);
          LOG.info("{}, and is used again", words(entry));
          return Optional.of(entry.server);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Ends those that may hold a GPU that another one is about to need, and returns when they are
   * gone.
   *
   * @param gpus addresses; empty where it is not known which they are
   */
  void makeRoom(Collection<String> gpus) {
    end(
        entry ->
            gpus.isEmpty()
                || entry.kind.gpus().isEmpty()
                || !Collections.disjoint(gpus, entry.kind.gpus()),
        "another engine needs its place");
  }

  /** Ends all, and returns when they are gone. */
  void endAll() {
    end(entry -> true, "the process ends");
  }

  /** Ends those of which that holds, and returns when they are gone. */
  private void end(Predicate<Entry<S>> which, String why) {
    List<Entry<S>> found;
    synchronized (this) {
      found = kept.stream().filter(which).toList();
      for (Entry<S> entry : found) {
        if (!entry.ending) {
          // Nobody may take it from now on.
          entry.ending = true;
          entry.expiry.cancel();
          LOG.info("{}, and is ended: {}", words(entry), why);
        }
      }
    }
    for (Entry<S> entry : found) {
      entry.server.close();
      synchronized (this) {
        kept.remove(entry);
      }
    }
  }

  private String words(Entry<S> entry) {
    Duration idle = Duration.ofNanos(time.nanos() - entry.since);
    String gpus =
        entry.kind.gpus().isEmpty()
            ? ""
            : ", %.1f minutes of GPUs".formatted(entry.kind.gpus().size() * idle.toMillis() / 6e4);
    return "The %s%s was kept warm for %d s%s"
        .formatted(
            entry.server.name(),
            entry.kind.deployment().isEmpty() ? "" : " of deployment " + entry.kind.deployment(),
            idle.toSeconds(),
            gpus);
  }
}
