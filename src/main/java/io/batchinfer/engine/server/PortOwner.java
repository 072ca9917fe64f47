package io.batchinfer.engine.server;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Tells whose a port is that something listens on, as far as Linux tells it. */
final class PortOwner {
  private static final Path PROCESSES = Path.of("/proc");
  private static final String LISTENS = "0A";
  private static final int ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private PortOwner() {}

  /**
   * Whether a process listens on that port that is not of the engine with that mark. Where it
   * cannot be seen whose the port is, this says no.
   */
  static boolean isAnothers(int port, EngineMark mark) {
    Set<String> sockets = listening(port);
    return !sockets.isEmpty() && holder(sockets).filter(folder -> !isOf(folder, mark)).isPresent();
  }

  private static boolean isOf(Path process, EngineMark mark) {
    return EngineMark.markOf(process).equals(Optional.of(mark));
  }

  /** What the links of a process to sockets say that listen on a port. */
  private static Set<String> listening(int port) {
    Set<String> sockets = new HashSet<>();
    String hex = ":%04X".formatted(port);
    for (String table : List.of("net/tcp", "net/tcp6")) {
      for (String line : lines(PROCESSES.resolve(table))) {
        String[] fields = line.strip().split("\\s+", -1);
        if (fields.length > INODE
            && fields[ADDRESS].endsWith(hex)
            && fields[STATE].equals(LISTENS)) {
          sockets.add("socket:[" + fields[INODE] + "]");
        }
      }
    }
    return sockets;
  }

  private static List<String> lines(Path table) {
    try {
      return Files.readAllLines(table);
    } catch (IOException none) {
      // A machine without that protocol, or without such tables.
      return List.of();
    }
  }

  private static Optional<Path> holder(Set<String> sockets) {
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path folder : folders) {
        if (holds(folder, sockets)) {
          return Optional.of(folder);
        }
      }
    } catch (IOException | DirectoryIteratorException unknown) {
      return Optional.empty();
    }
    return Optional.empty();
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (DirectoryStream<Path> open = Files.newDirectoryStream(process.resolve("fd"))) {
      for (Path descriptor : open) {
        if (sockets.contains(target(descriptor))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException othersOrGone) {
      // A process that ends while it is looked at fails the walk through its files.
      return false;
    }
    return false;
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (IOException closedMeanwhile) {
      return "";
    }
  }
}
