package io.batchinfer.config;

import java.util.ArrayList;
import java.util.List;

/** The reference page of all options. */
public final class OptionReference {
  private OptionReference() {}

  /** The text of {@code src/site/markdown/options.md}. */
  public static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Options

        This page is generated from the option catalogue. For `--request-timeout`, the first of
        these that has a value wins:

        1. the flag `--request-timeout 10m`
        2. the environment variable `BATCHINFER_REQUEST_TIMEOUT`
        3. the Spark property `spark.batchinfer.request-timeout`
        4. the line `request-timeout = 10m` of the file named by `--config`, else of `conf/batchinfer.conf`
        5. the profile named by `--provider`
        6. the default

        Every option follows this pattern. Durations are written `250ms`, `30s`, `10m`, `2h`,
        `1d`; a bare number is seconds. Sizes are written `64MiB`, `100MB`; a bare number is
        bytes. Repeatable options take repeated flags, repeated keys, or the lines of one
        environment variable or Spark property. Options marked *identity* make another job when
        they change; all others may change when a job is resumed.
        """);
    for (OptionGroup group : OptionGroup.values()) {
      text.append("\n## ").append(group.heading()).append("\n\n");
      text.append("| option | value | default | meaning |\n| --- | --- | --- | --- |\n");
      for (Option<?> option : Options.all()) {
        if (option.group() == group) {
          text.append(row(option));
        }
      }
    }
    return text.toString();
  }

  private static String row(Option<?> option) {
    String flags = option.shortName().map(letter -> "`-" + letter + "`, ").orElse("");
    List<String> kind = new ArrayList<>();
    kind.add(option.isFlag() ? "switch" : "`" + option.placeholder().replace("|", "`, `") + "`");
    kind.addAll(option.limits());
    if (option.isRepeatable()) {
      kind.add("repeatable");
    }
    if (option.isIdentity()) {
      kind.add("*identity*");
    }
    String fallback =
        option
            .defaultWords()
            .map(words -> option.defaultValue().isPresent() ? "`" + words + "`" : words)
            .orElse("");
    return "| "
        + flags
        + "`"
        + option.flag()
        + "` | "
        + String.join(", ", kind)
        + " | "
        + fallback
        + " | "
        + option.doc()
        + " |\n";
  }
}
