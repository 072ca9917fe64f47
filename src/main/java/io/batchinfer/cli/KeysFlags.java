package io.batchinfer.cli;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.service.keys.KeysFile;
import io.batchinfer.store.Workspace;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Option;

/** The flag of all {@code keys} commands, and the check of another one. */
@SuppressWarnings("NullAway.Init") // picocli sets the options before it calls
final class KeysFlags {
  /** Texts longer than this may be keys, which no message may show. */
  private static final int LONGEST_SHOWN = 24;

  @Option(
      names = "--keys-file",
      paramLabel = "FILE",
      required = true,
      description = "The keys file that \"batchinfer serve\" is given.")
  private Path file;

  Path path() {
    return file;
  }

  KeysFile file() {
    return new KeysFile(file, Clock.systemUTC());
  }

  /** Returns the name if a workspace can have it. */
  static String workspaceName(String text) {
    if (!Workspace.isName(text)) {
      throw mistake(
          "--workspace is %s, which no workspace can be named; take 1 to 63 of a-z, 0-9 and -, the first not a hyphen."
              .formatted(shown(text)));
    }
    return text;
  }

  /** The text for a message, in quotes; only its length if it may be a key. */
  static String shown(String text) {
    return text.length() > LONGEST_SHOWN || text.startsWith("bi_")
        ? "a text of %d characters".formatted(text.length())
        : "\"" + text + "\"";
  }

  static BatchException mistake(String message) {
    return new BatchException(ErrorCode.USAGE, message);
  }
}
