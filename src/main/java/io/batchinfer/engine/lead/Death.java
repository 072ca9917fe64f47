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

  /**
   * YARN says the first of a container without its exit code; Kubernetes says the second of a
   * container whose exit code is that of any kill.
   */
  private static final Pattern OUT_OF_MEMORY =
      Pattern.compile("exceeding (?:virtual|physical) memory limits|termination reason: oomkilled");

  /** Why a pod ended that its node had to give up, whatever its exit code. */
  private static final Pattern LOST_POD =
      Pattern.compile(
          "brief reason: (?:evicted|preempt(?:ed|ing)|node(?:lost|shutdown|affinity)|shutdown|terminated)\\b");

  private static final Pattern EXIT_CODE =
      Pattern.compile("exit(?:ed with)?(?: exit)? ?(?:code|status):? *(-?\\d+)");

  private static final Pattern TAKEN_AWAY =
      Pattern.compile(
          "pre-?empt|decommission|worker lost|worker shutting down|host|node lost|idle"
              + "|killed by driver|explicit termination request|after application shutdown"
              + "|deleted by a user or the framework");

  private static final int SIGKILL = 128 + 9;
  private static final int SIGINT = 128 + 2;
  private static final int SIGTERM = 128 + 15;

  /** What a YARN node says of a container whose exit code was lost when the node restarted. */
  private static final int YARN_LOST = 154;

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
    if (LOST_POD.matcher(words).find()) {
      return TAKEN;
    }
    if (OUT_OF_MEMORY.matcher(words).find()) {
      return CRASHED;
    }
    Matcher code = EXIT_CODE.matcher(words);
    if (code.find()) {
      return ofExitCode(Integer.parseInt(code.group(1)));
    }
    return TAKEN_AWAY.matcher(words).find() ? TAKEN : UNEXPLAINED;
  }

  private static Death ofExitCode(int code) {
    if (code == SIGKILL) {
      return UNEXPLAINED;
    }
    return code <= 0 || code == SIGINT || code == SIGTERM || code == YARN_LOST ? TAKEN : CRASHED;
  }
}
