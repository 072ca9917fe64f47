package io.batchinfer.testing.provider;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/** Which faults strike when: at random by a seed, or the next times that they can. Thread-safe. */
public final class FaultPlan {
  @GuardedBy("this")
  private final Random random;

  @GuardedBy("this")
  private final Map<ProviderFault, Double> probabilities = new EnumMap<>(ProviderFault.class);

  @GuardedBy("this")
  private final Map<ProviderFault, Integer> next = new EnumMap<>(ProviderFault.class);

  @GuardedBy("this")
  private final Map<ProviderFault, Integer> struck = new EnumMap<>(ProviderFault.class);

  /** One without faults until they are set. */
  public FaultPlan(long seed) {
    random = new Random(seed);
  }

  /**
   * From now on the fault strikes so often.
   *
   * @param probability from 0 to 1
   */
  public synchronized FaultPlan often(double probability, ProviderFault... faults) {
    for (ProviderFault fault : faults) {
      probabilities.put(fault, probability);
    }
    return this;
  }

  /** The next times that it can strike it does, whatever its probability. */
  public synchronized FaultPlan next(ProviderFault fault, int times) {
    next.put(fault, times);
    return this;
  }

  /** Whether it strikes this time. */
  synchronized boolean strikes(ProviderFault fault) {
    int left = next.getOrDefault(fault, 0);
    double probability = probabilities.getOrDefault(fault, 0.0);
    if (left > 0) {
      next.put(fault, left - 1);
    } else if (probability == 0 || random.nextDouble() >= probability) {
      return false;
    }
    struck.merge(fault, 1, Integer::sum);
    return true;
  }

  /** A random number from 0 to less than the bound. */
  synchronized int pick(int bound) {
    return random.nextInt(bound);
  }

  /** How often each has struck. */
  public synchronized Map<ProviderFault, Integer> struck() {
    return new EnumMap<>(struck);
  }
}
