package io.batchinfer.report;

import java.util.List;
import me.tongfei.progressbar.ProgressBarRenderer;
import me.tongfei.progressbar.ProgressState;

/**
 * One line of a terminal: a bar and what there is to say, as much of it as fits. The facts are in
 * order of importance, and the last ones are dropped first. Thread-safe.
 */
final class ProgressLine implements ProgressBarRenderer {
  /** What a terminal shows of an interrupt, after the line. */
  static final int CTRL_C = 2;

  private static final int SHORTEST_BAR = 6;
  private static final int LONGEST_BAR = 30;
  private static final String BETWEEN = ", ";

  private volatile int percent;
  private volatile List<String> facts = List.of();
  private volatile int shownWidth;

  /**
   * Shows something else from now on.
   *
   * @param newPercent whole percent of the work that is done
   * @param newFacts what there is to say, the weightiest first
   */
  void show(int newPercent, List<String> newFacts) {
    percent = Math.max(0, Math.min(100, newPercent));
    facts = List.copyOf(newFacts);
  }

  @Override
  public String render(ProgressState state, int width) {
    String shown = line(width - CTRL_C);
    shownWidth = shown.length();
    return shown;
  }

  /** Characters of the line that was shown last. */
  int shownWidth() {
    return shownWidth;
  }

  /** A line of at most that many characters. */
  String line(int width) {
    List<String> said = facts;
    String text = String.join(BETWEEN, said);
    // Two brackets and the space after them.
    int frame = 3;
    while (said.size() > 1 && text.length() + frame + SHORTEST_BAR > width) {
      said = said.subList(0, said.size() - 1);
      text = String.join(BETWEEN, said);
    }
    int bar = Math.min(LONGEST_BAR, width - frame - text.length());
    if (bar < SHORTEST_BAR) {
      return text.length() <= width ? text : text.substring(0, Math.max(0, width));
    }
    int done = bar * percent / 100;
    String head = done < bar && done > 0 ? ">" : "";
    return "[" + "=".repeat(done - head.length()) + head + " ".repeat(bar - done) + "] " + text;
  }
}
