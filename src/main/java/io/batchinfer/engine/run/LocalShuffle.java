package io.batchinfer.engine.run;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;

/**
 * Answers on their way from where they are read to the splits that they are for, in files of this
 * machine: those of some splits in each, so that one at a time fits into memory. Adding is
 * thread-safe; reading begins when all are added.
 */
final class LocalShuffle implements AutoCloseable {
  /** Open files at a time. */
  private static final int MOST_FILES = 256;

  private final Path folder;
  private final List<Path> paths = new ArrayList<>();

  @GuardedBy("this")
  private final List<DataOutputStream> files = new ArrayList<>();

  /**
   * An empty one.
   *
   * @param writers files that are wanted
   */
  LocalShuffle(int writers) {
    try {
      folder = Files.createTempDirectory("batchinfer-shuffle-");
      for (int i = 0; i < Math.min(MOST_FILES, writers); i++) {
        Path path = folder.resolve("answers-" + i);
        paths.add(path);
        files.add(new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path))));
      }
    } catch (IOException e) {
      throw failed(e);
    }
  }

  private static StorageException failed(IOException e) {
    return new StorageException(
        "Cannot keep answers on their way in \"%s\""
            .formatted(System.getProperty("java.io.tmpdir")),
        e);
  }

  /** Number of files that there are to read. */
  int count() {
    return paths.size();
  }

  /** Takes answers in. */
  void add(Iterator<CopiedAnswer> answers) {
    while (answers.hasNext()) {
      add(answers.next());
    }
  }

  private synchronized void add(CopiedAnswer answer) {
    DataOutputStream file = files.get(CopiedAnswer.splitOf(answer.key()) % files.size());
    byte[] content = answer.content();
    try {
      file.writeLong(answer.key());
      file.writeInt(content.length);
      file.write(content);
    } catch (IOException e) {
      throw failed(e);
    }
  }

  /** The answers of a file, in the order of their keys. */
  Iterator<CopiedAnswer> sorted(int number) {
    List<CopiedAnswer> answers = new ArrayList<>();
    try {
      synchronized (this) {
        files.get(number).close();
      }
      try (DataInputStream in =
          new DataInputStream(new BufferedInputStream(Files.newInputStream(paths.get(number))))) {
        while (true) {
          long key = in.readLong();
          byte[] content = new byte[in.readInt()];
          in.readFully(content);
          answers.add(CopiedAnswer.of(key, content));
        }
      } catch (EOFException e) {
        // That was the last.
        Files.delete(paths.get(number));
      }
    } catch (IOException e) {
      throw failed(e);
    }
    answers.sort(Comparator.comparingLong(CopiedAnswer::key));
    return answers.iterator();
  }

  @Override
  public synchronized void close() {
    try {
      for (DataOutputStream file : files) {
        file.close();
      }
      for (Path path : paths) {
        Files.deleteIfExists(path);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw failed(e);
    }
  }
}
