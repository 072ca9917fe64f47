package io.batchinfer.pack;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * Gives each row of a pack its share of a number, by the row's own size. The shares of a number add
 * up to it exactly, and each is less than one off its due. Immutable.
 */
final class Shares {
  /** Digits behind those of a number that is not whole. */
  private static final int MORE_DIGITS = 6;

  /** Sizes of the rows before each, and of all. */
  private final BigInteger[] before;

  /**
   * @param sizes of the rows, each at least 1
   */
  Shares(long[] sizes) {
    before = new BigInteger[sizes.length + 1];
    before[0] = BigInteger.ZERO;
    for (int i = 0; i < sizes.length; i++) {
      before[i + 1] = before[i].add(BigInteger.valueOf(sizes[i]));
    }
  }

  int rows() {
    return before.length - 1;
  }

  /** A row's share of a whole number. */
  BigInteger of(BigInteger total, int row) {
    return below(total, row + 1).subtract(below(total, row));
  }

  private BigInteger below(BigInteger total, int row) {
    return total.multiply(before[row]).divide(before[rows()]);
  }

  /** A row's share of a number that is not negative. */
  BigDecimal of(BigDecimal total, int row) {
    int scale = Math.max(0, total.scale()) + MORE_DIGITS;
    return new BigDecimal(of(total.setScale(scale).unscaledValue(), row), scale);
  }

  private long of(long total, int row) {
    return of(BigInteger.valueOf(total), row).longValueExact();
  }

  /** A row's share of what an answer used; where its price is unknown, that of each share is. */
  Usage of(Usage total, int row) {
    Cost cost = total.cost();
    return new Usage(
        of(total.promptTokens(), row),
        of(total.completionTokens(), row),
        of(total.cachedTokens(), row),
        of(total.reasoningTokens(), row),
        new Cost(of(cost.billionths(), row), cost.unpriced()),
        of(total.cacheDiscount(), row));
  }
}
