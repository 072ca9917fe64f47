package io.batchinfer.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** TCP sockets of another process, as Linux shows them below {@code /proc}. */
public final class OpenSockets {
  /** Fields of a line of {@code /proc/PID/net/tcp}, separated by white space (proc_net_tcp). */
  private static final int LOCAL_ADDRESS = 1;

  private static final int INODE = 9;

  private OpenSockets() {}

  /** Ports at the process's own end of its TCP sockets. */
  public static Set<Integer> portsOf(ProcessHandle process) {
    Path directory = Path.of("/proc", Long.toString(process.pid()));
    try {
      Set<String> inodes = inodes(directory.resolve("fd"));
      Set<Integer> ports = new HashSet<>();
      for (String table : List.of("net/tcp", "net/tcp6")) {
        List<String> lines = Files.readAllLines(directory.resolve(table));
        for (String line : lines.subList(1, lines.size())) {
          String[] fields = line.strip().split("\\s+", -1);
          if (inodes.contains(fields[INODE])) {
            String address = fields[LOCAL_ADDRESS];
            ports.add(Integer.parseInt(address.substring(address.lastIndexOf(':') + 1), 16));
          }
        }
      }
      return ports;
    } catch (IOException e) {
      throw new UncheckedIOException("the sockets of " + process + " cannot be read", e);
    }
  }

  private static Set<String> inodes(Path descriptors) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (Stream<Path> links = Files.list(descriptors)) {
      for (Path link : (Iterable<Path>) links::iterator) {
        String target = targetOf(link);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  /** Empty for a descriptor that was closed meanwhile. */
  private static String targetOf(Path link) throws IOException {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (NoSuchFileException closed) {
      return "";
    }
  }
}
