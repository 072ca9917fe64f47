package io.batchinfer.table.stage;

import io.batchinfer.model.Hash128;
import java.io.Serializable;

/**
 * Rows and their fingerprint: the sum modulo 2^128 of the rows' shares, whatever their order.
 *
 * @param high upper half of the sum
 * @param low lower half of the sum
 */
record TableSum(long rows, long high, long low) implements Serializable {
  static final TableSum NOTHING = new TableSum(0, 0, 0);

  TableSum plus(TableSum other) {
    Hash128 sum = fingerprint().plus(other.fingerprint());
    return new TableSum(rows + other.rows, sum.high(), sum.low());
  }

  TableSum plusRow(Hash128 share) {
    Hash128 sum = fingerprint().plus(share);
    return new TableSum(rows + 1, sum.high(), sum.low());
  }

  Hash128 fingerprint() {
    return new Hash128(high, low);
  }
}
