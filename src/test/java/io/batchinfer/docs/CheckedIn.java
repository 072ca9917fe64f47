package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Compares a generated text with its checked-in file, or rewrites the file when told to. */
public final class CheckedIn {
  private CheckedIn() {}

  public static void assertEqual(Path file, String generated) {
    try {
      if (Boolean.getBoolean("batchinfer.regenerate")) {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, generated);
      }
      assertThat(file).exists();
      assertThat(Files.readString(file))
          .as("%s is out of date; run the test with -Dbatchinfer.regenerate=true", file)
          .isEqualTo(generated);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
