package io.batchinfer.store;

import java.util.Optional;
import java.util.Set;

/**
 * How the jobs of a workspace save. What is empty is as the service's own options say.
 *
 * @param dedupe whether equal rows share an answer: auto, on or off
 * @param order in which order rows go out: auto, prefix or input
 * @param reuse of how many of its latest jobs that have ended the answers are taken over
 */
public record WorkspaceSaving(
    Optional<String> dedupe, Optional<String> order, Optional<Integer> reuse) {
  public static final WorkspaceSaving NONE =
      new WorkspaceSaving(Optional.empty(), Optional.empty(), Optional.empty());

  /** Most jobs whose answers are looked at: each has its plan and its results read. */
  public static final int MOST_REUSED = 100;

  public static final Set<String> DEDUPE = Set.of("auto", "on", "off");
  public static final Set<String> ORDER = Set.of("auto", "prefix", "input");

  /**
   * @throws IllegalArgumentException if there is no such setting; the message is the end of a
   *     sentence
   */
  public WorkspaceSaving {
    dedupe.ifPresent(value -> requireOneOf("dedupe", value, DEDUPE));
    order.ifPresent(value -> requireOneOf("order", value, ORDER));
    reuse.ifPresent(
        value -> {
          if (value < 1 || value > MOST_REUSED) {
            throw new IllegalArgumentException(
                "a workspace reuses the answers of %d jobs, which is not 1 to %d"
                    .formatted(value, MOST_REUSED));
          }
        });
  }

  private static void requireOneOf(String setting, String value, Set<String> known) {
    if (!known.contains(value)) {
      throw new IllegalArgumentException(
          "a workspace's %s is \"%s\", which is none of %s"
              .formatted(setting, value, String.join(", ", known.stream().sorted().toList())));
    }
  }
}
