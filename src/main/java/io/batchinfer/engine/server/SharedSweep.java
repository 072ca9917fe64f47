package io.batchinfer.engine.server;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Removes what processes that shared an engine have left: folders whose lock nobody holds, and that
 * nobody has touched for long. One that is about to be locked by its last user meanwhile is made
 * anew by that.
 */
final class SharedSweep {
  static final String LOCK_FILE = "lock";

  /**
   * Of whatever opens or closes a lock's file in this process: to close one that somebody else here
   * has locked takes the lock from it.
   */
  static final Object LOCK = new Object();

  private static final Logger LOG = LoggerFactory.getLogger(SharedSweep.class);

  /** Long beside the moment between the end of one that keeps an engine and its successor. */
  private static final Duration UNTOUCHED = Duration.ofHours(1);

  /** Folders that are looked at; the others are for another start. */
  private static final int MOST_LOOKS = 1_000;

  private static final List<String> FILES =
      List.of(SharedEngine.NOTE, SharedEngine.NEXT_NOTE, LOCK_FILE);

  /** Those that this process has open; one that is there twice is used twice. */
  @GuardedBy("LOCK")
  private static final Set<Path> HERE = new HashSet<>();

  private SharedSweep() {}

  /** This process has it open. */
  @GuardedBy("LOCK")
  static void spare(Path folder) {
    HERE.add(folder);
  }

  /** This process has closed it. */
  @GuardedBy("LOCK")
  static void spareNoLonger(Path folder) {
    HERE.remove(folder);
  }

  /**
   * Removes such folders.
   *
   * @param base where they are; this user's alone
   * @return how many those were
   */
  static int sweep(Path base, Instant now) {
    int removed = 0;
    int looks = 0;
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(base)) {
      for (Path folder : folders) {
        if (++looks > MOST_LOOKS) {
          break;
        }
        synchronized (LOCK) {
          if (!HERE.contains(folder) && isOld(base, folder, now) && remove(folder)) {
            removed++;
          }
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Nothing depends on it.
      LOG.warn("What engines have left in \"{}\" cannot be removed: {}", base, e.toString());
    }
    return removed;
  }

  private static boolean isOld(Path base, Path folder, Instant now) throws IOException {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)
        || !Files.getOwner(folder).equals(Files.getOwner(base))) {
      return false;
    }
    for (Path part : List.of(folder, folder.resolve(SharedEngine.NOTE))) {
      if (Files.exists(part)
          && Files.getLastModifiedTime(part).toInstant().isAfter(now.minus(UNTOUCHED))) {
        return false;
      }
    }
    return true;
  }

  /** Removes one, unless somebody holds its lock. */
  private static boolean remove(Path folder) throws IOException {
    try (FileChannel channel =
            FileChannel.open(folder.resolve(LOCK_FILE), StandardOpenOption.WRITE);
        @Nullable FileLock lock = channel.tryLock()) {
      return lock != null && emptied(folder);
    } catch (NoSuchFileException neverLocked) {
      return emptied(folder);
    } catch (OverlappingFileLockException ofThisProcess) {
      return false;
    }
  }

  private static boolean emptied(Path folder) throws IOException {
    for (String name : FILES) {
      Files.deleteIfExists(folder.resolve(name));
    }
    try {
      return Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException usedAgain) {
      return false;
    }
  }
}
