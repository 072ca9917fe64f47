package io.batchinfer.docs;

import io.batchinfer.config.Option;
import io.batchinfer.findings.Findings;
import io.batchinfer.findings.Rule;
import java.util.stream.Collectors;

/** The reference page of all findings. */
final class FindingReference {
  private FindingReference() {}

  static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # What to do next time

        This page is generated from the code. When a job is over, its figures are looked at for what held it up, what was paid for
        nothing and what was lost. What is found stands in the report and under `scripts/batchinfer status OUTPUT`; the two
        weightiest findings also stand under the summary of a run. Nothing is said of a run that went well.

        Each finding has a name, the figures that it rests on, and the option to change where there is one. Nothing is guessed:
        what held a run up is said of the job's last run that sent for %s or longer, and of no other. Names do not change their meaning.

        | finding | said when | what to do | options |
        | --- | --- | --- | --- |
        """
            .formatted(Findings.leastSending()));
    for (Rule rule : Findings.rules()) {
      text.append("| `").append(rule.code()).append("` | ").append(rule.when());
      text.append(" | ").append(rule.advice()).append(" | ");
      text.append(
          rule.options().stream()
              .map(Option::flag)
              .map(flag -> "`" + flag + "`")
              .collect(Collectors.joining(", ")));
      text.append(" |\n");
    }
    text.append(
        """

        They stand in the order of their weight: what was lost, what was paid for nothing, then what took time.

        `scripts/bench/findings` stages a run for each of them against simulated endpoints, and runs that have none.
        """);
    return text.toString();
  }
}
