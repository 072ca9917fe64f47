package io.batchinfer.service.keys;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.Workspace;
import io.batchinfer.time.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tells whose access key it is. Looks on use, at most once a second, whether the keys file changed,
 * so that a key that was made or revoked counts within a second or two and no restart is needed.
 * When the file cannot be read or is broken, its last contents stay in force.
 *
 * <p>Thread-safe. The thread that looks reads a small local file; the others wait for it only after
 * a pause in which nobody looked.
 */
public final class AccessKeys {
  private static final long LOOK_NANOS = Duration.ofSeconds(1).toNanos();

  /**
   * A file that seems unchanged is read all the same after so long: a network filesystem may show
   * old attributes, and an editor may keep them.
   */
  private static final long READ_NANOS = Duration.ofSeconds(5).toNanos();

  private final Path file;
  private final Ticker ticker;
  private final Consumer<String> problems;
  private final ReentrantLock looking = new ReentrantLock();
  private volatile KeysSnapshot current;
  private volatile long lookedAt;

  // Only under the lock.
  private Stamp stamp;
  private long readAt;
  private boolean troubled;

  private AccessKeys(
      Path file, Ticker ticker, Consumer<String> problems, Stamp stamp, KeysSnapshot first) {
    this.file = file;
    this.ticker = ticker;
    this.problems = problems;
    this.stamp = stamp;
    this.current = first;
    this.lookedAt = ticker.nanos();
    this.readAt = lookedAt;
  }

  /**
   * Reads the file.
   *
   * @param problems is told in one sentence, once each time, that the file became unusable; called
   *     on a thread that uses this object, so it must not block or call back
   * @throws BatchException {@link ErrorCode#USAGE} if the file is not there, cannot be read or is
   *     no keys file
   */
  public static AccessKeys open(Path file, Ticker ticker, Consumer<String> problems) {
    try {
      Stamp stamp = Stamp.of(file);
      KeysSnapshot first = KeysSnapshot.parse(Files.readAllBytes(file));
      return new AccessKeys(file, ticker, problems, stamp, first);
    } catch (IOException e) {
      throw new BatchException(ErrorCode.USAGE, KeysFile.unusable(file, e), e);
    }
  }

  /**
   * The workspace that the key opens; empty if the text is not a key, or one that is unknown, wrong
   * or revoked.
   */
  public Optional<Workspace> workspaceOf(String key) {
    return snapshot().workspaceOf(key);
  }

  /** The id in a text that is a key, which may be shown. */
  public static String idOf(String key) {
    return AccessKey.idIn(key).orElse("-");
  }

  /**
   * The workspace of that name with its present settings; without any where the file has none for
   * it.
   *
   * @throws IllegalArgumentException if no workspace can have that name
   */
  public Workspace workspace(String name) {
    return snapshot().workspace(name);
  }

  /**
   * The workspace as it was when anybody last looked: never reads the file and never waits, so that
   * it may be asked under a lock.
   *
   * @throws IllegalArgumentException if no workspace can have that name
   */
  public Workspace lastKnown(String name) {
    return current.workspace(name);
  }

  /** Looks at the file where nobody has for a while: whoever asks {@link #lastKnown} needs it. */
  public void lookAgain() {
    KeysSnapshot unused = snapshot();
  }

  private KeysSnapshot snapshot() {
    long age = ticker.nanos() - lookedAt;
    if (age >= READ_NANOS) {
      // Too old to go on with while another thread looks: a key may have been revoked long since.
      looking.lock();
    } else if (age < LOOK_NANOS || !looking.tryLock()) {
      return current;
    }
    try {
      look();
    } finally {
      looking.unlock();
    }
    return current;
  }

  private void look() {
    long now = ticker.nanos();
    if (now - lookedAt < LOOK_NANOS) {
      return;
    }
    try {
      // The stamp comes first, so that a change while the file is read is seen the next time.
      Stamp seen = Stamp.of(file);
      if (!seen.equals(stamp) || now - readAt >= READ_NANOS) {
        current = KeysSnapshot.parse(Files.readAllBytes(file));
        stamp = seen;
        readAt = now;
      }
      troubled = false;
    } catch (IOException e) {
      if (!troubled) {
        troubled = true;
        problems.accept(
            KeysFile.unusable(file, e) + " Until then the keys that it had before stay valid.");
      }
    }
    lookedAt = now;
  }

  /** What changes when a file is written or replaced. */
  private record Stamp(FileTime modified, long size, @Nullable Object inode) {
    static Stamp of(Path file) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      return new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
    }
  }
}
