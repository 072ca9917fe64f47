package io.batchinfer.engine.copies;

import io.batchinfer.job.JobFolder;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Iterator;
import java.util.UUID;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The answers that rows of a split get from elsewhere, in the order of their lines. Read once, from
 * its first line on. For one thread.
 */
public final class CopiesFile implements AutoCloseable {
  private static final int BUFFER = 1 << 16;

  private final String path;
  private final @Nullable DataInputStream in;
  private int line = -1;
  private int length;

  private CopiesFile(String path, @Nullable DataInputStream in) {
    this.path = path;
    this.in = in;
    advance();
  }

  /** Opens the file of a split; one that is absent is empty. */
  public static CopiesFile of(JobFolder folder, int split) {
    return at(folder.store(), folder.copies(split));
  }

  /** Opens a file; one that is absent is empty. */
  public static CopiesFile at(FileStore store, String path) {
    return new CopiesFile(
        path,
        store.find(path).isEmpty()
            ? null
            : new DataInputStream(new BufferedInputStream(store.open(path, 0), BUFFER)));
  }

  /** A file without answers. */
  public static CopiesFile none() {
    return new CopiesFile("", null);
  }

  private void advance() {
    if (in == null) {
      line = Integer.MAX_VALUE;
      return;
    }
    try {
      line = in.readInt();
      length = in.readInt();
    } catch (EOFException e) {
      line = Integer.MAX_VALUE;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /**
   * What the row at that line gets, or null where it gets nothing.
   *
   * @param wanted in the split, from 0; larger than in every call before
   */
  public @Nullable CopiedAnswer at(int wanted) {
    try {
      while (line < wanted && in != null) {
        in.skipNBytes(length);
        advance();
      }
      if (line != wanted || in == null) {
        return null;
      }
      byte[] content = new byte[length];
      in.readFully(content);
      CopiedAnswer answer = CopiedAnswer.of(line, content);
      advance();
      return answer;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  @Override
  public void close() {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /**
   * Writes the files of splits, which appear when they are whole; tasks that are repeated write the
   * same.
   *
   * @param answers in the order of their keys, all of a split's together
   */
  public static void writeAll(JobFolder folder, Iterator<CopiedAnswer> answers) {
    writeAll(folder, folder::copies, answers);
  }

  /**
   * As above.
   *
   * @param paths of each split's file
   */
  public static void writeAll(
      JobFolder folder, IntFunction<String> paths, Iterator<CopiedAnswer> answers) {
    @Nullable Writing current = null;
    try {
      @Nullable CopiedAnswer next = answers.hasNext() ? answers.next() : null;
      while (next != null) {
        CopiedAnswer answer = next;
        next = answers.hasNext() ? answers.next() : null;
        while (next != null && next.key() == answer.key()) {
          // An answer that is there is not paid again, whoever else would have the row sent.
          answer = answer.isToSend() ? next : answer;
          next = answers.hasNext() ? answers.next() : null;
        }
        int split = CopiedAnswer.splitOf(answer.key());
        if (current == null || current.split != split) {
          finish(current);
          current = new Writing(folder, split, paths.apply(split));
        }
        byte[] content = answer.content();
        current.out.writeInt(CopiedAnswer.lineOf(answer.key()));
        current.out.writeInt(content.length);
        current.out.write(content);
      }
      finish(current);
    } catch (IOException e) {
      throw new StorageException("Cannot write the copied answers in \"" + folder.root() + "\"", e);
    }
  }

  private static void finish(@Nullable Writing writing) throws IOException {
    if (writing != null) {
      writing.out.close();
      writing.folder.store().publish(writing.temporary, writing.path);
    }
  }

  private static final class Writing {
    private final JobFolder folder;
    private final int split;
    private final String path;
    private final String temporary;
    private final DataOutputStream out;

    Writing(JobFolder folder, int split, String path) {
      this.folder = folder;
      this.split = split;
      this.path = path;
      this.temporary =
          folder.assembly() + "/split-%05d-%s.copies".formatted(split, UUID.randomUUID());
      this.out =
          new DataOutputStream(new BufferedOutputStream(folder.store().create(temporary), BUFFER));
    }
  }
}
