package io.batchinfer.config;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads the API key from where the options say it is. For the driver only. */
public final class ApiKeys {
  /** Headers in which a user may send a key of their own making. */
  private static final Set<String> KEY_HEADERS =
      Set.of("authorization", "api-key", "x-api-key", "x-goog-api-key");

  private ApiKeys() {}

  /**
   * The key, without surrounding white space; empty if no variable and no file is named and the
   * provider needs none.
   *
   * @throws BatchException {@link ErrorCode#USAGE} if the variable is not set, the file cannot be
   *     read, there is no usable key in it, or there is none and the provider needs one
   */
  public static Optional<String> read(ResolvedOptions options, Map<String, String> environment) {
    Optional<String> variable = options.find(KeyOptions.API_KEY_ENV);
    if (variable.isPresent()) {
      String key = environment.getOrDefault(variable.get(), "");
      String place =
          "Environment variable \""
              + variable.get()
              + "\", named by "
              + options.source(KeyOptions.API_KEY_ENV)
              + ",";
      return Optional.of(usable(key, place));
    }
    Optional<String> file = options.find(KeyOptions.API_KEY_FILE);
    if (file.isPresent()) {
      return Optional.of(ofFile(file.get(), options.source(KeyOptions.API_KEY_FILE)));
    }
    options.profile().ifPresent(profile -> refuseWithoutKey(profile, options));
    return Optional.empty();
  }

  /** A provider refuses every request without its key, which the first four would only find out. */
  private static void refuseWithoutKey(ProviderProfile profile, ResolvedOptions options) {
    boolean ownHeader =
        options.find(KeyOptions.HEADER).orElse(Map.of()).keySet().stream()
            .anyMatch(
                name ->
                    KEY_HEADERS.contains(name.toLowerCase(Locale.ROOT))
                        || name.equalsIgnoreCase(options.get(KeyOptions.API_KEY_HEADER)));
    if (!ownHeader && profile.needsKey(options)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "Provider \"%s\" needs an API key, and its environment variable %s is not set. Set it, or say where the key is with --api-key-env NAME or --api-key-file FILE. Nothing was sent."
              .formatted(profile.name(), profile.keyVariable().orElse("")));
    }
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
