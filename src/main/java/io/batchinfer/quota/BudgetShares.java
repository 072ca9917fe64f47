package io.batchinfer.quota;

import io.batchinfer.quota.QuotaReply.Allowance;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of each of a run's budgets a process may spend: what it has spent, and a part of what is
 * left and held by nobody else. Not thread-safe.
 */
final class BudgetShares {
  private final List<Budget> budgets;

  BudgetShares(List<Budget> budgets) {
    this.budgets = List.copyOf(budgets);
  }

  /**
   * Of one budget, over all processes.
   *
   * @param held what those beside the asking one may have spent by what they were granted
   */
  private record Sums(double spent, double held) {}

  /** What a process may have spent in all; notes that it holds it. */
  List<Allowance> allowances(ProcessView asking, RunProcesses processes) {
    List<Allowance> allowances = new ArrayList<>();
    double[] upTo = new double[budgets.size()];
    List<ProcessView> everyone = upTo.length == 0 ? List.of() : processes.everyone();
    for (int i = 0; i < upTo.length; i++) {
      Budget budget = budgets.get(i);
      Sums all = sums(i, processes, everyone, asking);
      double own = asking.held(i, budget);
      double most = budget.fund().reserve(all.spent, all.held + own);
      upTo[i] = upTo(most, all, asking.spent(budget), processes.active().size());
      budget.fund().holds(all.spent, all.held + Math.max(own, upTo[i]));
      allowances.add(new Allowance(upTo[i], budget.unit()));
    }
    asking.allow(upTo);
    return allowances;
  }

  /**
   * @param own what the asking process has spent
   */
  private static double upTo(double most, Sums all, double own, int sharers) {
    if (Double.isInfinite(most)) {
      return most;
    }
    double left = most - all.spent;
    double share = sharers == 1 ? left : left / sharers / 2;
    return own + Math.max(0, Math.min(share, most - all.held - own));
  }

  /** Tells the funds what is held after a process has left. */
  void left(RunProcesses processes) {
    List<ProcessView> everyone = budgets.isEmpty() ? List.of() : processes.everyone();
    for (int i = 0; i < budgets.size(); i++) {
      Sums all = sums(i, processes, everyone, null);
      budgets.get(i).fund().holds(all.spent, all.held);
    }
  }

  private Sums sums(
      int index, RunProcesses processes, List<ProcessView> everyone, @Nullable ProcessView asking) {
    Budget budget = budgets.get(index);
    double spent = budget.unit().of(processes.departedUsage());
    double held = spent;
    for (ProcessView process : everyone) {
      spent += process.spent(budget);
      held += process == asking ? 0 : process.held(index, budget);
    }
    return new Sums(spent, held);
  }
}
