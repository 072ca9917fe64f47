package io.batchinfer.service.keys;

import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The right to replace a file that only its owner may read, held by one thread of one process at a
 * time. What locks is a file beside it, which stays: the file itself becomes another one with every
 * change. Closing gives the right up.
 */
final class PrivateFile implements AutoCloseable {
  private static final FileAttribute<?> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  /** A lock of the operating system belongs to the whole process. */
  private static final ReentrantLock IN_THIS_PROCESS = new ReentrantLock();

  private final Path file;
  private final FileChannel lock;

  private PrivateFile(Path file, FileChannel lock) {
    this.file = file;
    this.lock = lock;
  }

  /**
   * Waits for the right to replace the file.
   *
   * @throws StorageException if its folder is not there or may not be written
   */
  static PrivateFile lock(Path path) {
    IN_THIS_PROCESS.lock();
    boolean locked = false;
    try {
      Path file = resolved(path);
      Path lockFile = file.resolveSibling(file.getFileName() + ".lock");
      FileChannel lock =
          FileChannel.open(
              lockFile, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), OWNER_ONLY);
      try {
        lock.lock();
        locked = true;
      } finally {
        if (!locked) {
          lock.close();
        }
      }
      return new PrivateFile(file, lock);
    } catch (IOException e) {
      throw new StorageException("Cannot lock \"" + path + "\"", e);
    } finally {
      if (!locked) {
        IN_THIS_PROCESS.unlock();
      }
    }
  }

  /** Behind symbolic links, so that two names of a file have one lock and links stay links. */
  private static Path resolved(Path path) throws IOException {
    if (Files.exists(path)) {
      return path.toRealPath();
    }
    Path absolute = path.toAbsolutePath().normalize();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("it is a folder");
    }
    return folder.toRealPath().resolve(absolute.getFileName());
  }

  boolean exists() {
    return Files.exists(file);
  }

  /**
   * Replaces the file as a whole; after a failure it is as before. The owner stays, so that who may
   * read it goes on to.
   */
  void replace(byte[] content) {
    try {
      Path next = Files.createTempFile(file.getParent(), file.getFileName() + ".", "", OWNER_ONLY);
      try {
        keepOwner(next);
        try (FileChannel out = FileChannel.open(next, StandardOpenOption.WRITE)) {
          ByteBuffer left = ByteBuffer.wrap(content);
          while (left.hasRemaining()) {
            out.write(left);
          }
          out.force(true);
        }
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(next);
      }
      try (FileChannel folder = FileChannel.open(file.getParent(), StandardOpenOption.READ)) {
        folder.force(true);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + file + "\"", e);
    }
  }

  private void keepOwner(Path next) throws IOException {
    if (exists()) {
      UserPrincipal owner = Files.getOwner(file);
      if (!owner.equals(Files.getOwner(next))) {
        Files.setOwner(next, owner);
      }
    }
  }

  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new StorageException("Cannot unlock \"" + file + "\"", e);
    } finally {
      IN_THIS_PROCESS.unlock();
    }
  }
}
