package io.batchinfer.model;

/**
 * A committed split of which some rows run again, while its other rows stay as they are.
 *
 * @param round number of this reopening, the first is 1; the pair of parts that ends it carries it
 * @param epoch first epoch whose journal entries belong to this reopening
 * @param again which rows are open
 * @param kept what the rows that stay add up to, and all that was spent before on those that run
 *     again
 */
public record ReopenedSplit(int round, long epoch, RowsAgain again, Counts kept) {}
