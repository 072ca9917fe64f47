package io.batchinfer.engine.server;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Folders of this machine that all processes of one user find by the same name, wherever they run
 * on it, and nobody else can write to. Processes that cannot reach each other, in containers with
 * networks or processes of their own, find different ones.
 */
public final class SharedFolder {
  /** Not the folder that a JVM is told to use for such things, which may be its own. */
  private static final Path ROOT = Path.of("/tmp");

  private SharedFolder() {}

  /**
   * The folder of that name; made where it is not there. Others that nobody has used for long are
   * removed.
   *
   * @param name letters and digits
   * @param now by the wall clock
   * @throws IOException where it cannot be made, or another user has taken the place
   */
  public static Path of(String name, Instant now) throws IOException {
    return of(ROOT, name, now);
  }

  static Path of(Path root, String name, Instant now) throws IOException {
    Path base = make(root.resolve("batchinfer-" + user(root)));
    refuseAnothers(base);
    SharedSweep.sweep(base, now);
    return make(base.resolve(namespace("net") + "-" + namespace("pid") + "-" + name));
  }

  /** Makes it, for its user alone, where it is not there. */
  static Path make(Path folder) throws IOException {
    try {
      return Files.createDirectory(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException there) {
      return folder;
    }
  }

  /** Whoever may write to it could pretend to be an engine. */
  private static void refuseAnothers(Path base) throws IOException {
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(base);
    Path own = Files.createTempFile(base, "own", "");
    try {
      boolean othersWrite =
          Stream.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE)
              .anyMatch(permissions::contains);
      if (Files.isSymbolicLink(base)
          || othersWrite
          || !Files.getOwner(base).equals(Files.getOwner(own))) {
        throw new IOException(
            "\"%s\" belongs to another user or may be written by others; remove it"
                .formatted(base));
      }
    } finally {
      Files.delete(own);
    }
  }

  /** By the number, since a user of a container may have no name. */
  private static String user(Path root) throws IOException {
    Path own = Files.createTempFile(root, "batchinfer", "");
    try {
      return Files.getAttribute(own, "unix:uid").toString();
    } finally {
      Files.delete(own);
    }
  }

  private static String namespace(String kind) throws IOException {
    return Files.readSymbolicLink(Path.of("/proc/self/ns").resolve(kind))
        .toString()
        .replaceAll("\\D", "");
  }
}
