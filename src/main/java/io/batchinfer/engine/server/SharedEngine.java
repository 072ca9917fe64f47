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

/**
 * What the processes of a machine that share an engine have in common: a lock, which the one that
 * keeps the engine holds and which the kernel takes from it however it ends, and a note of how the
 * engine is. For one thread.
 */
final class SharedEngine implements AutoCloseable {
  private static final String NOTE = "engine";

  private final Path folder;
  private final FileChannel channel;
  private @Nullable FileLock lock;

  private SharedEngine(Path folder, FileChannel channel) {
    this.folder = folder;
    this.channel = channel;
  }

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
   * @param folder exists, and is the same for all processes that share the engine, and for no
   *     others
   */
  static SharedEngine open(Path folder) throws IOException {
    return new SharedEngine(
        folder,
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE));
  }

  /** Whether this process keeps the engine, which it does from now on where no other one does. */
  boolean isKeptHere() throws IOException {
    if (lock == null) {
      try {
        lock = channel.tryLock();
      } catch (OverlappingFileLockException ofThisProcess) {
        return false;
      }
    }
    return lock != null;
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
    Path next = folder.resolve(NOTE + ".next");
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
    channel.close();
  }
}
