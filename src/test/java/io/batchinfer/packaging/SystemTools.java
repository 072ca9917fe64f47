package io.batchinfer.packaging;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** A search path that holds chosen programs of this machine and nothing else. */
final class SystemTools {
  private SystemTools() {}

  /** Puts those of the programs that this machine has into the folder. */
  static Path only(Path directory, List<String> programs) throws IOException {
    Files.createDirectories(directory);
    for (String program : programs) {
      Optional<Path> found = find(program);
      if (found.isPresent()) {
        Path forwarder = directory.resolve(program);
        Files.writeString(forwarder, "#!/bin/sh\nexec '" + found.get() + "' \"$@\"\n");
        Files.setPosixFilePermissions(forwarder, PosixFilePermissions.fromString("rwxr-xr-x"));
      }
    }
    return directory;
  }

  private static Optional<Path> find(String program) {
    String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin:/usr/bin:/bin";
    for (String directory : path.split(File.pathSeparator, -1)) {
      Path candidate = Path.of(directory.isEmpty() ? "." : directory, program);
      if (Files.isExecutable(candidate)) {
        return Optional.of(candidate.toAbsolutePath());
      }
    }
    return Optional.empty();
  }
}
