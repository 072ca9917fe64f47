package io.batchinfer.engine.lead;

import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * The splits that are not published: free to be claimed, held by a worker, or given back and not
 * free yet. Not thread-safe.
 */
final class OpenSplits {
  private final NavigableSet<Integer> free;
  private final Map<Integer, Holder> holders = new HashMap<>();
  private final Map<String, TreeSet<Integer>> held = new HashMap<>();
  private final Set<Integer> givenBack = new HashSet<>();

  /** Which worker had a split before. */
  private final Map<Integer, Set<String>> formerHolders = new HashMap<>();

  /** A worker and its process. */
  record Holder(String session, String worker) {}

  /**
   * @param order in which free splits stand; tells any two apart
   */
  OpenSplits(Comparator<Integer> order) {
    free = new TreeSet<>(order);
  }

  void add(int split) {
    free.add(split);
  }

  /** Free splits, in order. */
  NavigableSet<Integer> free() {
    return Collections.unmodifiableNavigableSet(free);
  }

  boolean isEmpty() {
    return holders.isEmpty() && free.isEmpty() && givenBack.isEmpty();
  }

  Set<Integer> all() {
    Set<Integer> splits = new TreeSet<>(free);
    splits.addAll(givenBack);
    splits.addAll(holders.keySet());
    return splits;
  }

  /** Processes that hold anything. */
  Set<String> holdingSessions() {
    return Collections.unmodifiableSet(held.keySet());
  }

  Set<Integer> heldBy(String session) {
    TreeSet<Integer> splits = held.get(session);
    return splits == null ? Set.of() : Collections.unmodifiableSet(splits);
  }

  boolean isHolder(int split, String session) {
    Holder holder = holders.get(split);
    return holder != null && holder.session().equals(session);
  }

  /** Gives a free split to a worker. */
  void claim(int split, Holder holder) {
    free.remove(split);
    holders.put(split, holder);
    held.computeIfAbsent(holder.session(), unused -> new TreeSet<>()).add(split);
  }

  /** The split is published. */
  void published(int split) {
    leave(split);
    free.remove(split);
    givenBack.remove(split);
    formerHolders.remove(split);
  }

  private void leave(int split) {
    Holder holder = holders.remove(split);
    TreeSet<Integer> splits = holder == null ? null : held.get(holder.session());
    if (holder != null && splits != null) {
      splits.remove(split);
      if (splits.isEmpty()) {
        held.remove(holder.session());
      }
    }
  }

  /** Takes splits from workers of a process; they are not free yet. */
  List<Integer> giveBack(String session, Predicate<String> worker) {
    List<Integer> given =
        heldBy(session).stream()
            .filter(
                split -> {
                  Holder holder = holders.get(split);
                  return holder != null && worker.test(holder.worker());
                })
            .toList();
    for (int split : given) {
      leave(split);
      givenBack.add(split);
      formerHolders.computeIfAbsent(split, unused -> new TreeSet<>()).add(session);
    }
    return given;
  }

  /** All processes that ever had that split and lost it. */
  Set<String> formerHolders(int split) {
    return formerHolders.getOrDefault(split, Set.of());
  }

  /** Splits that were given back are free now. */
  void free(Collection<Integer> splits) {
    for (int split : splits) {
      if (givenBack.remove(split)) {
        free.add(split);
      }
    }
  }

  /** All splits are free, whoever had them. */
  void freeAll() {
    for (String session : List.copyOf(held.keySet())) {
      giveBack(session, any -> true);
    }
    free(List.copyOf(givenBack));
  }
}
