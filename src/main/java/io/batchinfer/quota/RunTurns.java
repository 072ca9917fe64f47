package io.batchinfer.quota;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Whose turn it is: among the groups that have runs, and then among the runs of a group. */
final class RunTurns {
  private final Turns ofGroups = new Turns();
  private final Map<QuotaGroup, Group> groups = new HashMap<>();
  private final Map<QuotaAuthority, Turns.Part> parts = new HashMap<>();

  /** A group among the others, and the turns of its runs. */
  private static final class Group {
    private final Turns.Part part;
    private final Turns ofRuns = new Turns();
    private int runs;

    Group(Turns.Part part) {
      this.part = part;
    }
  }

  void join(QuotaAuthority run) {
    Group group =
        groups.computeIfAbsent(run.group(), any -> new Group(ofGroups.join(run.group().weight())));
    group.runs++;
    parts.put(run, group.ofRuns.join(1));
  }

  /** Forgets a run, and its group where it was the last one; does nothing the second time. */
  void leave(QuotaAuthority run) {
    if (parts.remove(run) != null && --group(run).runs == 0) {
      groups.remove(run.group());
    }
  }

  boolean hasGroup(QuotaGroup group) {
    return groups.containsKey(group);
  }

  private Group group(QuotaAuthority run) {
    return Objects.requireNonNull(groups.get(run.group()));
  }

  private Turns.Part part(QuotaAuthority run) {
    return Objects.requireNonNull(parts.get(run));
  }

  /** Where the run's group stands; the smallest comes next. */
  double positionOfGroup(QuotaAuthority run, double credit) {
    return ofGroups.position(group(run).part, credit);
  }

  /** Where the run stands in its group. */
  double positionInGroup(QuotaAuthority run, double credit) {
    return group(run).ofRuns.position(part(run), credit);
  }

  void take(QuotaAuthority run, double credit) {
    ofGroups.take(group(run).part, credit);
    group(run).ofRuns.take(part(run), credit);
  }
}
