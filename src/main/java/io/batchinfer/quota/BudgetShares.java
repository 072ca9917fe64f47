package io.batchinfer.quota;

import io.batchinfer.quota.QuotaReply.Allowance;
import java.util.ArrayList;
import java.util.List;

/**
 * How much of each of a run's budgets a process may spend: what it has spent, and a part of what is
 * left and promised to nobody else. Not thread-safe.
 */
final class BudgetShares {
  private final List<Budget> budgets;

  BudgetShares(List<Budget> budgets) {
    this.budgets = List.copyOf(budgets);
  }

  /** What a process may have spent in all; notes that it is promised. */
  List<Allowance> allowances(ProcessView asking, RunProcesses processes) {
    List<Allowance> allowances = new ArrayList<>();
    double[] upTo = new double[budgets.size()];
    List<ProcessView> everyone = upTo.length == 0 ? List.of() : processes.everyone();
    for (int i = 0; i < upTo.length; i++) {
      Budget budget = budgets.get(i);
      double spentByDeparted = budget.unit().of(processes.departedUsage());
      double spent = spentByDeparted;
      for (ProcessView process : everyone) {
        spent += process.spent(budget);
      }
      budget.spent().accept(spent);
      double left = budget.left().getAsDouble() - spent;
      double free = left + spent - spentByDeparted;
      for (ProcessView process : everyone) {
        free -= process == asking ? process.spent(budget) : process.committed(i, budget);
      }
      int sharers = processes.active().size();
      double share = sharers == 1 ? left : left / sharers / 2;
      upTo[i] = asking.spent(budget) + Math.max(0, Math.min(share, free));
      allowances.add(new Allowance(upTo[i], budget.unit()));
    }
    asking.allow(upTo);
    return allowances;
  }
}
