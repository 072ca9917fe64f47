package io.batchinfer.journal;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.storage.DurableFile;
import io.batchinfer.storage.FileStore;
import io.batchinfer.time.Scheduler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Writes settled rows of all splits of one process, one block per flush. A block groups the entries
 * by split behind a directory with checksums, so that a reader needs no index and a torn tail is
 * told from a whole block. Stores that keep nothing before a file is closed get one file per flush;
 * others get files that grow. Thread-safe.
 */
public final class JournalWriter implements AutoCloseable {
  static final int MAGIC = 0x42494a31;

  /** Directory entry: split, count, length, CRC. */
  static final int DIRECTORY_ENTRY = 16;

  /** Magic, number of splits, CRC of the directory. */
  static final int BLOCK_HEAD = 12;

  private static final int FLUSH_AT_BYTES = 4 << 20;
  private static final long ROLL_AT_BYTES = 64L << 20;

  private final FileStore store;
  private final String folder;
  private final long epoch;
  private final String writer;
  private final Scheduler scheduler;
  private final Duration interval;
  private final boolean filePerFlush;
  private final ExecutorService flusher;

  private final Object lock = new Object();

  @GuardedBy("lock")
  private SortedMap<Integer, Pending> pending = new TreeMap<>();

  @GuardedBy("lock")
  private long pendingBytes;

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
  private String fileName = "";
  private long filePosition;
  private int fileNumber;

  private final AtomicLong flushes = new AtomicLong();

  /**
   * @param writer name of this process, unique among all runs on the output
   * @param interval longest time a settled row stays in memory only
   */
  public JournalWriter(
      FileStore store,
      String folder,
      long epoch,
      String writer,
      Scheduler scheduler,
      Duration interval) {
    this.store = store;
    this.folder = folder;
    this.epoch = epoch;
    this.writer = writer;
    this.scheduler = scheduler;
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
      int length = entry.encodedLength();
      pending.computeIfAbsent(split, unused -> new Pending()).add(entry, length);
      pendingBytes += length;
      unflushedBytes.addAndGet(length);
      CompletionStage<Void> durable = nextFlush;
      if (pendingBytes >= FLUSH_AT_BYTES) {
        submitFlush();
      } else if (!flushScheduled) {
        scheduler.schedule(this::flush, interval);
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
    SortedMap<Integer, Pending> block = pending;
    long bytes = pendingBytes;
    CompletableFuture<Void> done = nextFlush;
    pending = new TreeMap<>();
    pendingBytes = 0;
    flushScheduled = false;
    nextFlush = new CompletableFuture<>();
    lastFlush = done;
    try {
      flusher.execute(() -> writeBlock(block, bytes, done));
    } catch (Throwable noThread) {
      failed(noThread, done);
    }
  }

  private void writeBlock(
      SortedMap<Integer, Pending> block, long bytes, CompletableFuture<Void> done) {
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
      write(block, bytes);
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

  private void write(SortedMap<Integer, Pending> block, long bytes) {
    DurableFile target = file;
    if (target == null) {
      SegmentName name = new SegmentName(epoch, writer, fileNumber++);
      fileName = name.fileName();
      target = store.createDurable(folder + "/" + fileName);
      file = target;
      filePosition = 0;
    }
    List<SegmentRange> written = writeTo(target, block);
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
        neededSegments.closed(fileName);
      }
      unflushedBytes.addAndGet(-bytes);
    }
  }

  private List<SegmentRange> writeTo(DurableFile target, SortedMap<Integer, Pending> block) {
    ByteBuffer head = ByteBuffer.allocate(BLOCK_HEAD + DIRECTORY_ENTRY * block.size());
    head.putInt(MAGIC).putInt(block.size()).putInt(0);
    List<SegmentRange> written = new ArrayList<>(block.size());
    long offset = filePosition + head.capacity();
    for (Map.Entry<Integer, Pending> split : block.entrySet()) {
      Pending entries = split.getValue();
      int checksum = entries.checksum();
      head.putInt(split.getKey()).putInt(entries.count).putInt(entries.length).putInt(checksum);
      written.add(
          new SegmentRange(
              fileName,
              split.getKey(),
              SegmentReader.order(epoch, fileNumber - 1, offset),
              offset,
              entries.length,
              entries.count,
              checksum));
      offset += entries.length;
    }
    CRC32C crc = new CRC32C();
    crc.update(head.array(), BLOCK_HEAD, head.capacity() - BLOCK_HEAD);
    head.putInt(8, (int) crc.getValue());
    target.write(head.array(), 0, head.capacity());
    for (Pending entries : block.values()) {
      entries.writeTo(target);
    }
    filePosition = offset;
    return written;
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

  /** The entries of a split in one block. Lines that are large are not copied. */
  private static final class Pending {
    private static final int FIRST_BYTES = 1 << 12;
    private static final int LARGE_LINE = 64 << 10;

    private final List<byte[]> full = new ArrayList<>();
    private byte[] bytes = new byte[FIRST_BYTES];
    private int used;
    int length;
    int count;

    void add(JournalEntry entry, int entryLength) {
      byte[] line = entry.rendered();
      boolean large = line.length >= LARGE_LINE;
      int copied = large ? entryLength - line.length : entryLength;
      if (used + copied > bytes.length) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, used + copied));
      }
      ByteBuffer out = ByteBuffer.wrap(bytes, used, copied);
      entry.encodeHead(out);
      if (large) {
        // One call: an entry that there is no memory for must not be there by half.
        full.addAll(List.of(Arrays.copyOf(bytes, used + copied), line));
        used = 0;
      } else {
        out.put(line);
        used += copied;
      }
      length += entryLength;
      count++;
    }

    int checksum() {
      CRC32C crc = new CRC32C();
      full.forEach(crc::update);
      crc.update(bytes, 0, used);
      return (int) crc.getValue();
    }

    void writeTo(DurableFile target) {
      for (byte[] chunk : full) {
        target.write(chunk, 0, chunk.length);
      }
      target.write(bytes, 0, used);
    }
  }
}
