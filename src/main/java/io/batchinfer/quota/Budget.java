package io.batchinfer.quota;

import io.batchinfer.model.Usage;

/** What a run may spend, in a unit of its own. */
public record Budget(Fund fund, Unit unit) {

  /** What is counted. */
  public enum Unit {
    TOKENS,
    /** Units of the run's currency. */
    MONEY;

    double of(Usage used) {
      return this == TOKENS ? used.total() : used.cost().amount();
    }
  }

  /** What a run's budget is taken from; other runs may take from it as well. */
  public interface Fund {
    /**
     * What the run may spend in all. Nobody else gets it before {@link #holds} tells how much of it
     * the run has given its processes.
     *
     * @param spent what it has spent
     * @param held what its processes may have spent by what they were granted, at least that
     */
    double reserve(double spent, double held);

    /**
     * Takes in what a run has spent, and what its processes may have spent by what they were
     * granted, as in {@link #reserve}.
     */
    void holds(double spent, double held);
  }

  /** A budget of the run alone. */
  public Budget(double most, Unit unit) {
    this(new Own(most), unit);
  }

  /** A part of the money that several runs may spend. */
  public Budget(SpendingCap.Share share) {
    this(share, Unit.MONEY);
  }

  private record Own(double most) implements Fund {
    @Override
    public double reserve(double spent, double held) {
      return most;
    }

    @Override
    public void holds(double spent, double held) {}
  }
}
