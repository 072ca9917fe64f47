package io.batchinfer.testing;

import io.batchinfer.storage.Creation;
import io.batchinfer.storage.DurableFile;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.RandomReads;
import io.batchinfer.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Files in memory, as a filesystem or, in object mode, as a store that shows a file only once it is
 * closed. Can fail or call back before every operation. Thread-safe.
 */
public final class InMemoryFiles implements FileStore {
  private final boolean objects;
  private final NavigableMap<String, byte[]> files = new TreeMap<>();
  private final Map<String, Long> modified = new HashMap<>();
  private volatile LongSupplier millis = () -> 0;
  private final AtomicInteger openFiles = new AtomicInteger();
  private final AtomicInteger openReads = new AtomicInteger();
  private final AtomicLong bytesRead = new AtomicLong();
  private volatile Before before = operation -> {};
  private volatile boolean failsWrites;
  private volatile boolean createsIfAbsent;

  private InMemoryFiles(boolean objects) {
    this.objects = objects;
  }

  /** What to do before an operation, called with its name and path ({@code sync /a/b}). */
  @FunctionalInterface
  public interface Before {
    void operation(String operation) throws IOException;
  }

  public static InMemoryFiles filesystem() {
    return new InMemoryFiles(false);
  }

  public static InMemoryFiles objectStore() {
    return new InMemoryFiles(true);
  }

  /** Runs that before every operation; an exception becomes the operation's failure. */
  public void before(Before action) {
    before = action;
  }

  /** Files that are written from now on are of that time, in UNIX milliseconds. */
  public void clock(LongSupplier now) {
    millis = now;
  }

  /** From now on a file can be created only where there is none. */
  public InMemoryFiles createsIfAbsent() {
    createsIfAbsent = true;
    return this;
  }

  /** From now on no byte can be written. */
  public void failWrites() {
    failsWrites = true;
  }

  /** Files that were opened for reading and not closed. */
  public int openReads() {
    return openReads.get();
  }

  /** Durable files that were not closed. */
  public int openFiles() {
    return openFiles.get();
  }

  public synchronized List<String> paths() {
    return List.copyOf(files.keySet());
  }

  public synchronized byte[] content(String path) {
    byte[] content = files.get(path);
    if (content == null) {
      throw new IllegalArgumentException("no file \"" + path + "\" among " + files.keySet());
    }
    return content.clone();
  }

  public synchronized void put(String path, byte[] content) {
    files.put(path, content.clone());
    modified.put(path, millis.getAsLong());
  }

  /** Loses a file without a word. */
  public synchronized void forget(String path) {
    files.remove(path);
  }

  private void announce(String operation, String path) {
    try {
      before.operation(operation + " " + path);
      if (failsWrites && (operation.equals("write") || operation.equals("create"))) {
        throw new IOException("no space left");
      }
    } catch (IOException e) {
      throw new StorageException("Cannot " + operation + " \"" + path + "\"", e);
    }
  }

  @Override
  public String qualify(String path) {
    return path;
  }

  @Override
  public List<Entry> list(String folder) {
    announce("list", folder);
    String prefix = folder + "/";
    List<Entry> entries = new ArrayList<>();
    synchronized (this) {
      String last = "";
      for (String path : files.tailMap(prefix).keySet()) {
        if (!path.startsWith(prefix)) {
          break;
        }
        int slash = path.indexOf('/', prefix.length());
        String child = slash < 0 ? path : path.substring(0, slash);
        if (!child.equals(last)) {
          entries.add(entry(child, slash >= 0));
          last = child;
        }
      }
    }
    return entries;
  }

  private Entry entry(String path, boolean folder) {
    byte[] content = files.get(path);
    return new Entry(
        path,
        folder,
        content == null ? 0 : content.length,
        content == null ? 0 : modified.getOrDefault(path, 0L));
  }

  @Override
  public List<Entry> match(String pathOrGlob) {
    Pattern pattern =
        Pattern.compile(
            Pattern.quote(pathOrGlob).replace("*", "\\E[^/]*\\Q").replace("?", "\\E[^/]\\Q"));
    synchronized (this) {
      return files.keySet().stream()
          .filter(path -> pattern.matcher(path).matches())
          .map(path -> entry(path, false))
          .toList();
    }
  }

  @Override
  public Optional<Entry> find(String path) {
    announce("find", path);
    synchronized (this) {
      if (files.containsKey(path)) {
        return Optional.of(entry(path, false));
      }
      String below = files.ceilingKey(path + "/");
      return below != null && below.startsWith(path + "/")
          ? Optional.of(entry(path, true))
          : Optional.empty();
    }
  }

  @Override
  public InputStream open(String path, long offset) {
    announce("open", path);
    byte[] content = read(path);
    int from = (int) Math.min(offset, content.length);
    openReads.incrementAndGet();
    return new ByteArrayInputStream(Arrays.copyOfRange(content, from, content.length)) {
      private boolean closed;

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          openReads.decrementAndGet();
        }
      }
    };
  }

  @Override
  public RandomReads openRandom(String path) {
    announce("open", path);
    byte[] content = read(path);
    openReads.incrementAndGet();
    return new RandomReads() {
      private boolean closed;

      @Override
      public int read(long position, byte[] bytes) {
        announce("read", path);
        int from = (int) Math.min(position, content.length);
        int length = Math.min(bytes.length, content.length - from);
        bytesRead.addAndGet(length);
        System.arraycopy(content, from, bytes, 0, length);
        return length;
      }

      @Override
      public void close() {
        if (!closed) {
          closed = true;
          openReads.decrementAndGet();
        }
      }
    };
  }

  private synchronized byte[] read(String path) {
    byte[] content = files.get(path);
    if (content == null) {
      throw new StorageException("Cannot read \"" + path + "\"", new FileNotFoundException(path));
    }
    return content;
  }

  /** Bytes that were read here and there so far. */
  public long randomlyRead() {
    return bytesRead.get();
  }

  @Override
  public OutputStream create(String path) {
    announce("create", path);
    if (!objects) {
      put(path, new byte[0]);
    }
    return new ByteArrayOutputStream() {
      @Override
      public void close() {
        announce("close", path);
        put(path, toByteArray());
      }
    };
  }

  @Override
  public Creation createIfAbsent(String path, byte[] content) {
    if (!createsIfAbsent) {
      return Creation.UNKNOWN;
    }
    announce("create-if-absent", path);
    synchronized (this) {
      if (files.containsKey(path)) {
        return Arrays.equals(files.get(path), content) ? Creation.DONE : Creation.REFUSED;
      }
      put(path, content);
      return Creation.DONE;
    }
  }

  @Override
  public DurableFile createDurable(String path) {
    announce("create", path);
    synchronized (this) {
      if (files.containsKey(path)) {
        throw new StorageException(
            "Cannot create \"" + path + "\"", new IOException("it is there already"));
      }
    }
    openFiles.incrementAndGet();
    return new Growing(path);
  }

  @Override
  public boolean syncsBeforeClose(String path) {
    return !objects;
  }

  @Override
  public void publish(String temporary, String path) {
    announce("publish", path);
    synchronized (this) {
      byte[] content = files.remove(temporary);
      if (content == null) {
        throw new StorageException(
            "Cannot put \"" + temporary + "\" into place", new FileNotFoundException(temporary));
      }
      files.put(path, content);
      modified.put(path, modified.getOrDefault(temporary, 0L));
    }
  }

  @Override
  public void delete(String path) {
    announce("delete", path);
    synchronized (this) {
      files.remove(path);
      files.keySet().removeIf(file -> file.startsWith(path + "/"));
    }
  }

  @Override
  public void makeFolder(String folder) {}

  private final class Growing implements DurableFile {
    private final String path;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    Growing(String path) {
      this.path = path;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
      announce("write", path);
      bytes.write(source, offset, length);
    }

    @Override
    public void sync() {
      announce("sync", path);
      if (!objects) {
        put(path, bytes.toByteArray());
      }
    }

    @Override
    public void close() {
      announce("close", path);
      put(path, bytes.toByteArray());
      openFiles.decrementAndGet();
    }
  }
}
