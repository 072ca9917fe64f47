package io.batchinfer.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;

/**
 * Files on one filesystem, by qualified URI ({@code file:/data/in.jsonl}, {@code hdfs://…}). Needs
 * neither append nor an atomic rename of folders. Thread-safe. Every method reports a failure as a
 * {@link StorageException} that names the path.
 */
public interface FileStore {
  /** A file or folder as a listing shows it. */
  record Entry(String path, boolean folder, long bytes, long modifiedMillis) {
    /** Last segment of the path. */
    public String name() {
      return path.substring(path.lastIndexOf('/') + 1);
    }
  }

  /** The path with its scheme and made absolute. */
  String qualify(String path);

  /** Direct children of a folder, by name; empty where there is no such folder. */
  List<Entry> list(String folder);

  /** Files and folders that a path or glob stands for, by path; empty where nothing matches. */
  List<Entry> match(String pathOrGlob);

  /** The file or folder at that path. */
  Optional<Entry> find(String path);

  /** Opens a file at a byte offset. The caller closes the stream. */
  InputStream open(String path, long offset);

  /** Opens a file to read here and there in it. The caller closes it. */
  RandomReads openRandom(String path);

  /**
   * Creates or replaces a file, with its folders. On stores of objects the file appears when the
   * stream is closed, and not at all after a write that failed; elsewhere it grows, so that whole
   * files are written under a temporary name and {@linkplain #publish published}.
   */
  OutputStream create(String path);

  /**
   * Creates a small file only where there is none, as decided by the store at the moment that it
   * appears. Most stores do not say that they can.
   */
  default Creation createIfAbsent(String path, byte[] content) {
    return Creation.UNKNOWN;
  }

  /** Creates a file that is durable up to every {@link DurableFile#sync}. */
  DurableFile createDurable(String path);

  /** Whether {@link DurableFile#sync} on that path makes data durable before the file is closed. */
  boolean syncsBeforeClose(String path);

  /**
   * What the store of a folder says of itself, but for {@link StoreTraits#createsIfAbsent}, which a
   * store of objects does not know. Where that shows it, a file {@code half} is begun in the folder
   * and thrown away.
   */
  default StoreTraits traits(String folder) {
    return StoreTraits.FILESYSTEM;
  }

  /** Moves a complete file to its final name, replacing what is there, all or nothing. */
  void publish(String temporary, String path);

  /** Deletes a file or a whole folder; nothing happens where there is none. */
  void delete(String path);

  void makeFolder(String folder);

  /** Reads a small file whole. */
  default byte[] readAll(String path) {
    try (InputStream in = open(path, 0)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** Replaces a small file whole: readers see the old content or the new, never a part. */
  default void replace(String path, byte[] content) {
    String temporary = TemporaryName.of(path);
    try (OutputStream out = create(temporary)) {
      out.write(content);
    } catch (IOException e) {
      delete(temporary);
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
    publish(temporary, path);
  }
}
