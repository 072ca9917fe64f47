package io.batchinfer.model;

/**
 * What a committed pair of parts holds.
 *
 * @param resultBytes size of the result part, 0 where there is none
 * @param errorBytes size of the error part, 0 where there is none
 */
public record PartCounts(Counts counts, long resultBytes, long errorBytes) {}
