package io.batchinfer.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Shows a file to the user, with the command that the machine's system has for that.
 *
 * @param command without the file's address, which comes last
 */
record Browser(List<String> command) {
  Browser {
    command = List.copyOf(command);
  }

  /** The one that the user has chosen by {@code BROWSER}, or the system's own way. */
  static Browser ofThisMachine() {
    String chosen = System.getenv("BROWSER");
    if (chosen != null && !chosen.isBlank()) {
      return new Browser(List.of(chosen.strip()));
    }
    String system = System.getProperty("os.name", "").toLowerCase(Locale.ROOT);
    if (system.contains("mac")) {
      return new Browser(List.of("open"));
    }
    return system.contains("windows")
        ? new Browser(List.of("rundll32", "url.dll,FileProtocolHandler"))
        : new Browser(List.of("xdg-open"));
  }

  /**
   * Opens the file and does not wait.
   *
   * @return why that cannot be done; empty where it was begun
   */
  Optional<String> open(Path file) {
    List<String> words = new ArrayList<>(command);
    words.add(file.toUri().toString());
    try {
      new ProcessBuilder(words)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }
}
