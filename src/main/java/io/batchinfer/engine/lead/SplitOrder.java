package io.batchinfer.engine.lead;

import io.batchinfer.model.Plan;
import java.util.Comparator;

/**
 * In which order splits are given out, as far as they are free. Parts are named after their splits,
 * so that results are the same in any order.
 */
@FunctionalInterface
interface SplitOrder {
  /** As they stand in the input. */
  SplitOrder OF_INPUT = plan -> Comparator.naturalOrder();

  /** Compares splits by their numbers in the plan; tells any two apart. */
  Comparator<Integer> of(Plan plan);
}
