package io.batchinfer.engine.server;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What the environment of an engine's processes bears, so that they are found whatever became of
 * those that started them: which process they are for. Found by it only on Linux; elsewhere nothing
 * is found.
 *
 * @param owner process id of the JVM that started the engine
 * @param ownerStart when that began, in the ticks of {@code /proc}
 * @param space the space in which process ids mean something, such as a container's
 * @param id tells the engine from others of the same JVM
 */
record EngineMark(long owner, String ownerStart, String space, String id) {
  private static final String VARIABLE = "BATCHINFER_STARTED_FOR=";
  private static final Path PROCESSES = Path.of("/proc");
  private static final int START_FIELD = 19;

  /** A process that bears a mark. */
  private record Bearer(ProcessHandle process, EngineMark mark) {}

  static EngineMark ofThisProcess() {
    long pid = ProcessHandle.current().pid();
    return new EngineMark(
        pid,
        startOf(pid).orElse("0"),
        currentSpace(),
        UUID.randomUUID().toString().replace("-", ""));
  }

  String text() {
    return owner + "." + ownerStart + "." + space + "." + id;
  }

  private static Optional<EngineMark> ofText(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4 || !parts[0].matches("\\d{1,18}")) {
      return Optional.empty();
    }
    return Optional.of(new EngineMark(Long.parseLong(parts[0]), parts[1], parts[2], parts[3]));
  }

  /** Kills every process that bears this mark; returns how many there were. */
  int killAll() {
    int killed = 0;
    for (Bearer bearer : bearers()) {
      if (bearer.mark.equals(this)) {
        killed++;
        bearer.process.destroyForcibly();
      }
    }
    return killed;
  }

  /**
   * Kills what is left of engines whose JVM is gone.
   *
   * @return how many processes that were
   */
  static int sweep() {
    String here = currentSpace();
    int killed = 0;
    for (Bearer bearer : bearers()) {
      EngineMark mark = bearer.mark;
      boolean stale =
          mark.space.equals(here) && !startOf(mark.owner).equals(Optional.of(mark.ownerStart));
      if (stale && bearer.process.destroyForcibly()) {
        killed++;
      }
    }
    return killed;
  }

  private static List<Bearer> bearers() {
    List<Bearer> found = new ArrayList<>();
    if (!Files.isDirectory(PROCESSES)) {
      return found;
    }
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(PROCESSES, "[0-9]*")) {
      for (Path folder : folders) {
        markOf(folder)
            .ifPresent(
                mark ->
                    ProcessHandle.of(Long.parseLong(folder.getFileName().toString()))
                        .ifPresent(process -> found.add(new Bearer(process, mark))));
      }
    } catch (IOException | DirectoryIteratorException e) {
      // A machine that hides its processes is like one on which nothing is left.
      return found;
    }
    return found;
  }

  static Optional<EngineMark> markOf(Path folder) {
    String environment;
    try {
      environment = Files.readString(folder.resolve("environ"), StandardCharsets.ISO_8859_1);
    } catch (IOException othersOrGone) {
      return Optional.empty();
    }
    for (String variable : environment.split("\0", -1)) {
      if (variable.startsWith(VARIABLE)) {
        return ofText(variable.substring(VARIABLE.length()));
      }
    }
    return Optional.empty();
  }

  /** When a process began; empty where it is gone. */
  private static Optional<String> startOf(long pid) {
    try {
      String stat = Files.readString(PROCESSES.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name of the program, in brackets, may hold anything.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
      return Optional.of(fields[START_FIELD]);
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static String currentSpace() {
    try {
      return Files.readSymbolicLink(PROCESSES.resolve("self/ns/pid"))
          .toString()
          .replaceAll("\\D", "");
    } catch (IOException | UnsupportedOperationException none) {
      return "0";
    }
  }
}
