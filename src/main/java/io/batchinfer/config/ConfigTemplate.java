package io.batchinfer.config;

import java.util.ArrayList;
import java.util.List;

/** The commented configuration file: every option with its meaning, limits and default. */
public final class ConfigTemplate {
  private static final int WIDTH = 98;

  private ConfigTemplate() {}

  /**
   * The text of {@code conf/batchinfer.conf.template}; settings are commented out by one {@code #}.
   */
  public static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Settings of batchinfer. Copy this file to conf/batchinfer.conf and uncomment what you
        # need.
        #
        # A flag (--request-timeout), an environment variable (BATCHINFER_REQUEST_TIMEOUT) or a
        # Spark property (spark.batchinfer.request-timeout) wins over this file; this file wins
        # over the provider's profile. Lines are "key = value"; a repeated key makes a list; a #
        # starts a comment only at the start of a line. Durations: 250ms, 30s, 10m, 2h, 1d; a bare
        # number is seconds. Sizes: 64MiB, 100MB; a bare number is bytes.
        """);
    for (OptionGroup group : OptionGroup.values()) {
      text.append("\n## ").append(group.heading()).append('\n');
      for (Option<?> option : Options.all()) {
        if (option.group() == group && option != GeneralOptions.CONFIG) {
          append(option, text);
        }
      }
    }
    return text.toString();
  }

  private static void append(Option<?> option, StringBuilder text) {
    text.append('\n');
    wrapped(option.doc()).forEach(line -> text.append("# ").append(line).append('\n'));
    List<String> facts = new ArrayList<>();
    facts.add("Value: " + option.placeholder());
    facts.addAll(option.limits());
    facts.add("default: " + option.defaultWords().orElse("none"));
    if (option.isRepeatable()) {
      facts.add("repeatable");
    }
    wrapped(String.join("; ", facts) + ".")
        .forEach(line -> text.append("# ").append(line).append('\n'));
    text.append('#').append(option.name()).append(" =");
    String value = option.defaultValue().isPresent() ? option.defaultWords().orElse("") : "";
    text.append(value.isEmpty() ? "" : " " + value).append('\n');
  }

  private static List<String> wrapped(String words) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : words.split(" ", -1)) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > WIDTH) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }
}
