package io.batchinfer.findings;

import io.batchinfer.config.Option;
import java.util.List;
import java.util.Optional;

/** One thing that the figures of a job can show. Stateless. */
public interface Rule {
  /** Stable name in {@code snake_case}. */
  String code();

  /** When it speaks, with its thresholds, in one sentence for the reference page. */
  String when();

  /** What to do then. */
  String advice();

  /** The options that a finding may name. */
  default List<Option<?>> options() {
    return List.of();
  }

  /** What it finds; empty where all is well, and where the figures do not suffice to say. */
  Optional<Finding> look(Figures figures);

  /** A finding whose cause lies outside of the options. */
  default Optional<Finding> found(String sentence, String evidence) {
    return Optional.of(new Finding(code(), sentence, evidence, advice(), Optional.empty()));
  }

  /** A finding about an option. */
  default Optional<Finding> found(String sentence, String evidence, Option<?> change) {
    return Optional.of(
        new Finding(code(), sentence, evidence, advice(), Optional.of(change.flag())));
  }
}
