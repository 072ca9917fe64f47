package io.batchinfer.model;

/**
 * What a committed pair of parts holds.
 *
 * @param round how often the split had been reopened when the pair was written
 * @param resultBytes size of the result part, 0 where there is none
 * @param errorBytes size of the error part, 0 where there is none
 */
public record PartCounts(Counts counts, int round, long resultBytes, long errorBytes) {}
