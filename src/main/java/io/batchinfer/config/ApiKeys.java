package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Reads the API key from where the options say it is. For the driver only. */
public final class ApiKeys {
  private ApiKeys() {}

  /**
   * The key, without surrounding white space; empty if no variable and no file is named.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if the variable is not set, the file cannot be
   *     read, or there is no usable key in it
   */
  public static Optional<String> read(ResolvedOptions options, Map<String, String> environment) {
    Optional<String> variable = options.find(Options.API_KEY_ENV);
    if (variable.isPresent()) {
      String key = environment.getOrDefault(variable.get(), "");
      String place =
          "Environment variable \""
              + variable.get()
              + "\", named by "
              + options.source(Options.API_KEY_ENV)
              + ",";
      return Optional.of(usable(key, place));
    }
    Optional<String> file = options.find(Options.API_KEY_FILE);
    return file.isPresent()
        ? Optional.of(ofFile(file.get(), options.source(Options.API_KEY_FILE)))
        : Optional.empty();
  }

  private static String ofFile(String file, String source) {
    String place = "File \"" + file + "\", named by " + source + ",";
    try {
      return usable(Files.readString(Path.of(file)), place);
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE,
          place + " cannot be read (" + e.getClass().getSimpleName() + "); name a readable file.",
          e);
    }
  }

  private static String usable(String text, String place) {
    String key = text.strip();
    if (key.isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          place + " holds no API key: it is not set or empty. Put the key there, or name another.");
    }
    if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new BatchException(
          ErrorCode.USAGE,
          place
              + " holds no single API key: it has spaces, several lines or characters no header"
              + " may hold. Put the key alone there.");
    }
    return key;
  }
}
