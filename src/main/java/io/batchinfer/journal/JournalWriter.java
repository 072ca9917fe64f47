package io.batchinfer.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.storage.DurableFile;
import io.batchinfer.storage.FileStore;
import io.batchinfer.time.Time;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes settled rows of all splits of one process, one block per flush. Stores that keep nothing
 * before a file is closed get one file per flush; others get files that grow. Thread-safe.
 */
public final class JournalWriter implements AutoCloseable {
  private static final int FLUSH_AT_BYTES = 4 << 20;
  private static final long ROLL_AT_BYTES = 64L << 20;

  private final FileStore store;
  private final String folder;
  private final Time time;
  private final Duration interval;
  private final boolean filePerFlush;
  private final ExecutorService flusher;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private JournalBlock pending = new JournalBlock();

  /** When the first row was appended to each block that is not durable, the oldest first. */
  @GuardedBy("lock")
  private final Queue<Long> blocksBegan = new ArrayDeque<>();

  private final AtomicLong unflushedBytes = new AtomicLong();

  @GuardedBy("lock")
  private boolean flushScheduled;

  @GuardedBy("lock")
  private CompletableFuture<Void> nextFlush = new CompletableFuture<>();

  @GuardedBy("lock")
  private CompletableFuture<Void> lastFlush = CompletableFuture.completedFuture(null);

  @GuardedBy("lock")
  private final Map<Integer, List<SegmentRange>> ranges = new HashMap<>();

  private final NeededSegments neededSegments = new NeededSegments();

  @GuardedBy("lock")
  private @Nullable Throwable failure;

  @GuardedBy("lock")
  private boolean closed;

  private volatile Runnable whenFlushed = () -> {};
  private volatile Consumer<Throwable> whenFailed = unused -> {};

  // Only touched by the flusher thread.
  private @Nullable DurableFile file;
  private SegmentName segment;
  private long filePosition;

  private final AtomicLong flushes = new AtomicLong();

  /**
   * @param writer name of this process, unique among all runs on the output
   * @param interval longest time a settled row stays in memory only
   */
  public JournalWriter(
      FileStore store, String folder, long epoch, String writer, Time time, Duration interval) {
    this.store = store;
    this.folder = folder;
    this.segment = SegmentName.beforeFirst(epoch, writer);
    this.time = time;
    this.interval = interval;
    this.filePerFlush = !store.syncsBeforeClose(folder);
    this.flusher =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "batchinfer-journal");
              thread.setDaemon(true);
              return thread;
            });
  }

  /**
   * Adds a settled row. The stage completes when the row is durable, or exceptionally when it
   * cannot be made so.
   */
  public CompletionStage<Void> append(int split, JournalEntry entry) {
    synchronized (lock) {
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      if (closed) {
        return CompletableFuture.failedFuture(
            new IllegalStateException("the journal is closed; the row is not kept"));
      }
      if (pending.isEmpty()) {
        blocksBegan.add(time.nanos());
      }
      unflushedBytes.addAndGet(pending.add(split, entry));
      CompletionStage<Void> durable = nextFlush;
      if (pending.bytes() >= FLUSH_AT_BYTES) {
        submitFlush();
      } else if (!flushScheduled) {
        time.schedule(this::flush, interval);
        flushScheduled = true;
      }
      return durable;
    }
  }

  /** Makes everything appended so far durable without waiting for the interval. */
  public CompletionStage<Void> flush() {
    synchronized (lock) {
      if (failure != null) {
        return CompletableFuture.failedFuture(failure);
      }
      if (pending.isEmpty()) {
        flushScheduled = false;
      } else {
        submitFlush();
      }
      return lastFlush;
    }
  }

  /**
   * Is told at once when rows cannot be made durable any more: nothing may be paid for from then
   * on.
   */
  public void onFailure(Consumer<Throwable> listener) {
    whenFailed = listener;
  }

  /** A number that changes with every flush that ends; negative while there is none to wait for. */
  public long movement() {
    return unflushedBytes.get() == 0 ? -1 : flushes.get();
  }

  /** Is told after every flush, on the thread that writes; must be short. */
  public void onFlush(Runnable listener) {
    whenFlushed = listener;
  }

  /** Bytes that are settled but not durable yet: whoever produces rows waits while it is large. */
  public long unflushedBytes() {
    return unflushedBytes.get();
  }

  /** How long the oldest row that is settled has not been durable; zero where all are. */
  public Duration lag() {
    synchronized (lock) {
      Long began = blocksBegan.peek();
      return began == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, time.nanos() - began));
    }
  }

  /** Durable ranges of a split that this process wrote. */
  public List<SegmentRange> ranges(int split) {
    synchronized (lock) {
      return List.copyOf(ranges.getOrDefault(split, List.of()));
    }
  }

  /** Forgets where a split stands that this process is done with. */
  public void forget(int split) {
    synchronized (lock) {
      ranges.remove(split);
    }
  }

  /**
   * Deletes the segments in which entries of published splits stand and nothing else. To be called
   * when the split is committed and nobody will ever ask for its entries again.
   */
  public void published(int split) {
    List<String> needless;
    synchronized (lock) {
      needless = neededSegments.published(split);
    }
    for (String segment : needless) {
      store.delete(folder + "/" + segment);
    }
  }

  @GuardedBy("lock")
  private void submitFlush() {
    if (closed) {
      return;
    }
    JournalBlock block = pending;
    CompletableFuture<Void> done = nextFlush;
    pending = new JournalBlock();
    flushScheduled = false;
    nextFlush = new CompletableFuture<>();
    lastFlush = done;
    try {
      flusher.execute(() -> writeBlock(block, done));
    } catch (Throwable noThread) {
      failed(noThread, done);
    }
  }

  private void writeBlock(JournalBlock block, CompletableFuture<Void> done) {
    Throwable before;
    synchronized (lock) {
      before = failure;
    }
    if (before != null) {
      // Nobody could read what stands behind a block that is torn.
      done.completeExceptionally(before);
      return;
    }
    try {
      write(block);
      flushes.incrementAndGet();
      done.complete(null);
      whenFlushed.run();
    } catch (Throwable thrown) {
      failed(thrown, done);
    }
  }

  private void failed(Throwable thrown, CompletableFuture<Void> done) {
    CompletableFuture<Void> neverWritten;
    synchronized (lock) {
      failure = thrown;
      neverWritten = nextFlush;
    }
    try {
      whenFailed.accept(thrown);
    } finally {
      done.completeExceptionally(thrown);
      neverWritten.completeExceptionally(thrown);
    }
  }

  private void write(JournalBlock block) {
    DurableFile target = file;
    if (target == null) {
      segment = segment.next();
      target = store.createDurable(folder + "/" + segment.fileName());
      file = target;
      filePosition = 0;
    }
    List<SegmentRange> written = block.writeTo(target, segment, filePosition);
    filePosition = block.end(filePosition);
    target.sync();
    if (filePerFlush || filePosition >= ROLL_AT_BYTES) {
      file = null;
      target.close();
    }
    synchronized (lock) {
      for (SegmentRange range : written) {
        ranges.computeIfAbsent(range.split(), unused -> new ArrayList<>()).add(range);
        neededSegments.wrote(range.segment(), range.split());
      }
      if (file == null) {
        neededSegments.closed(segment.fileName());
      }
      blocksBegan.remove();
      unflushedBytes.addAndGet(-block.bytes());
    }
  }

  /** Flushes what is left and closes the file. */
  @Override
  public void close() {
    CompletableFuture<Void> last;
    synchronized (lock) {
      if (closed) {
        return;
      }
      if (!pending.isEmpty()) {
        submitFlush();
      }
      last = lastFlush;
      closed = true;
    }
    CompletableFuture<Void> fileClosed = CompletableFuture.runAsync(this::closeFile, flusher);
    flusher.shutdown();
    // Rows that could not be written were reported to whoever appended them.
    last.exceptionally(e -> null).join();
    fileClosed.join();
  }

  private void closeFile() {
    DurableFile open = file;
    file = null;
    if (open != null) {
      open.close();
    }
  }
}
