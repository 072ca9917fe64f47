package io.batchinfer.engine.server;

import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.io.StringWriter;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the processes of a machine that share an engine have in common: a lock, which the one that
 * keeps the engine holds and which the kernel takes from it however it ends, and a note of how the
 * engine is. For one thread.
 */
final class SharedEngine implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SharedEngine.class);

  static final String NOTE = "engine";
  static final String NEXT_NOTE = NOTE + ".next";

  /** How often a folder that is swept away meanwhile is made again. */
  private static final int MOST_TRIES = 10;

  private final Path folder;
  private Opened opened;
  private @Nullable FileLock lock;

  private SharedEngine(Path folder, Opened opened) {
    this.folder = folder;
    this.opened = opened;
  }

  /**
   * The file that is locked.
   *
   * @param key tells it from another one of that name
   */
  private record Opened(FileChannel channel, Object key) {}

  /**
   * What the keeper notes.
   *
   * @param figures how the engine is
   * @param address where it answers; empty while it does not
   */
  record Note(EngineFigures figures, Optional<URI> address) {}

  /**
   * Opens it.
   *
   * @param folder the same for all processes that share the engine, and for no others; made where
   *     it is not there
   */
  static SharedEngine open(Path folder) throws IOException {
    synchronized (SharedSweep.LOCK) {
      SharedEngine engine = new SharedEngine(folder, opened(folder));
      SharedSweep.spare(folder);
      return engine;
    }
  }

  private static Opened opened(Path folder) throws IOException {
    Path file = folder.resolve(SharedSweep.LOCK_FILE);
    for (int i = 0; i < MOST_TRIES; i++) {
      SharedFolder.make(folder);
      try {
        if (!Files.exists(file)) {
          Files.write(file, new byte[0], StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
        Object before = key(file);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
        if (before.equals(key(file))) {
          return new Opened(channel, before);
        }
        channel.close();
      } catch (NoSuchFileException swept) {
        LOG.debug("{} was swept away while it was opened, and is made again", folder, swept);
      }
    }
    throw new IOException("\"" + file + "\" is removed as often as it is made");
  }

  private static Object key(Path file) throws IOException {
    return Files.getAttribute(file, "unix:ino");
  }

  /** Whether this process keeps the engine, which it does from now on where no other one does. */
  boolean isKeptHere() throws IOException {
    if (lock != null) {
      return true;
    }
    synchronized (SharedSweep.LOCK) {
      try {
        lock = opened.channel.tryLock();
      } catch (OverlappingFileLockException ofThisProcess) {
        return false;
      }
      if (lock != null && !isInPlace()) {
        lock = null;
        opened.channel.close();
        opened = opened(folder);
      }
      return lock != null;
    }
  }

  /** Whether others find the file that is locked here; it may have been swept away before. */
  private boolean isInPlace() throws IOException {
    try {
      return opened.key.equals(key(folder.resolve(SharedSweep.LOCK_FILE)));
    } catch (NoSuchFileException swept) {
      return false;
    }
  }

  void write(Note note) throws IOException {
    Properties text = new Properties();
    EngineFigures figures = note.figures();
    text.setProperty("name", figures.name());
    text.setProperty("state", figures.state().name());
    text.setProperty("words", figures.words());
    text.setProperty("started", figures.startedAt().toString());
    text.setProperty("until-ready", figures.untilReady().toString());
    text.setProperty("restarts", Integer.toString(figures.restarts()));
    text.setProperty("address", note.address().map(URI::toString).orElse(""));
    StringWriter written = new StringWriter();
    text.store(written, null);
    Path next = folder.resolve(NEXT_NOTE);
    Files.writeString(next, written.toString());
    Files.move(next, folder.resolve(NOTE), StandardCopyOption.ATOMIC_MOVE);
  }

  /** What was noted last; empty where nothing was. */
  Optional<Note> read() throws IOException {
    Properties text = new Properties();
    try (Reader reader = new StringReader(Files.readString(folder.resolve(NOTE)))) {
      text.load(reader);
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    try {
      EngineFigures figures =
          new EngineFigures(
              text.getProperty("name", ""),
              State.valueOf(text.getProperty("state", "")),
              text.getProperty("words", ""),
              List.of(),
              Instant.parse(text.getProperty("started", "")),
              Duration.parse(text.getProperty("until-ready", "")),
              Duration.ZERO,
              Integer.parseInt(text.getProperty("restarts", "")),
              0,
              0);
      String address = text.getProperty("address", "");
      return Optional.of(
          new Note(
              figures, address.isEmpty() ? Optional.empty() : Optional.of(URI.create(address))));
    } catch (IllegalArgumentException | DateTimeParseException e) {
      throw new IOException("\"" + folder.resolve(NOTE) + "\" is no note of an engine", e);
    }
  }

  @Override
  public void close() throws IOException {
    synchronized (SharedSweep.LOCK) {
      SharedSweep.spareNoLonger(folder);
      opened.channel.close();
    }
  }
}
