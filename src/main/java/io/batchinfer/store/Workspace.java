package io.batchinfer.store;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A tenant of the service: owns files and jobs that no other workspace sees, and has settings of
 * its own. What is empty is as the service's own options say.
 *
 * @param name 1 to 63 of a-z, 0-9 and -, the first no hyphen
 * @param apiKeyEnv environment variable of the service with the key for the upstream endpoint
 * @param apiKeyFile file with the key for the upstream endpoint; never together with {@code
 *     apiKeyEnv}
 * @param concurrency requests that all jobs of the workspace together may have under way upstream
 * @param maxCost cap on what all jobs of the workspace cost together, in the currency of the price
 *     table
 * @param requestsPerMinute calls of the service's API that the workspace may make in a minute
 * @param saving how its jobs save
 */
public record Workspace(
    String name,
    Optional<String> apiKeyEnv,
    Optional<String> apiKeyFile,
    Optional<Integer> concurrency,
    Optional<Double> maxCost,
    Optional<Long> requestsPerMinute,
    WorkspaceSaving saving) {
  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,62}");

  /**
   * @throws IllegalArgumentException if the name is none, both places of an upstream key are given
   *     or a limit is not positive; the message is the end of a sentence
   */
  public Workspace {
    if (!isName(name)) {
      throw new IllegalArgumentException(
          "a workspace needs a name of 1 to 63 of a-z, 0-9 and -, the first no hyphen");
    }
    if (apiKeyEnv.isPresent() && apiKeyFile.isPresent()) {
      throw new IllegalArgumentException(
          "workspace \"%s\" has its upstream key both in a variable and in a file".formatted(name));
    }
    concurrency.ifPresent(value -> requirePositive(name, "concurrency", value));
    requestsPerMinute.ifPresent(
        value -> requirePositive(name, "number of requests per minute", value));
    maxCost.ifPresent(value -> requirePositive(name, "maximal cost", value));
  }

  /** A workspace whose jobs save as the service's own options say. */
  public Workspace(
      String name,
      Optional<String> apiKeyEnv,
      Optional<String> apiKeyFile,
      Optional<Integer> concurrency,
      Optional<Double> maxCost,
      Optional<Long> requestsPerMinute) {
    this(
        name, apiKeyEnv, apiKeyFile, concurrency, maxCost, requestsPerMinute, WorkspaceSaving.NONE);
  }

  /** The workspace without settings of its own. */
  public static Workspace named(String name) {
    return new Workspace(
        name,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Whether a workspace may have that name, which makes it fit for a path and a URL as it is. */
  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  private static void requirePositive(String workspace, String what, Number value) {
    double number = value.doubleValue();
    if (!(number > 0) || Double.isInfinite(number)) {
      throw new IllegalArgumentException(
          "workspace \"%s\" has a %s of %s, which is not above 0"
              .formatted(workspace, what, value));
    }
  }
}
