package io.batchinfer.engine.lead;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the end of a worker's process says about the rows that it was working on. */
public enum Death {
  /** The process came to grief by itself: an error of the JVM, or more memory than it may have. */
  CRASHED(2),
  /** It was killed or vanished, which a row can cause that eats all memory, and anybody else. */
  UNEXPLAINED(1),
  /** It was taken away: preempted, decommissioned, shut down, or gone with its machine. */
  TAKEN(0);

  private static final Pattern EXIT_CODE =
      Pattern.compile("exit(?:ed with)?(?: exit)? ?(?:code|status):? *(-?\\d+)");
  private static final Pattern TAKEN_AWAY =
      Pattern.compile("preempt|decommission|worker lost|worker shutting down|host|node lost|idle");
  private static final int SIGKILL = 128 + 9;
  private static final int SIGINT = 128 + 2;
  private static final int SIGTERM = 128 + 15;
  private static final int YARN_VIRTUAL_MEMORY = -103;
  private static final int YARN_PHYSICAL_MEMORY = -104;

  private final int weight;

  Death(int weight) {
    this.weight = weight;
  }

  /** How much it tells against the rows: a crash as much as two unexplained ends. */
  int weight() {
    return weight;
  }

  /** Reads what a cluster manager says about the end of an executor. */
  public static Death ofReason(String reason) {
    String words = reason.toLowerCase(Locale.ROOT);
    Matcher code = EXIT_CODE.matcher(words);
    if (code.find()) {
      return ofExitCode(Integer.parseInt(code.group(1)));
    }
    return TAKEN_AWAY.matcher(words).find() ? TAKEN : UNEXPLAINED;
  }

  private static Death ofExitCode(int code) {
    if (code == YARN_VIRTUAL_MEMORY || code == YARN_PHYSICAL_MEMORY) {
      return CRASHED;
    }
    if (code == SIGKILL) {
      return UNEXPLAINED;
    }
    return code <= 0 || code == SIGINT || code == SIGTERM ? TAKEN : CRASHED;
  }
}
