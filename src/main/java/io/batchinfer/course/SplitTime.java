package io.batchinfer.course;

/**
 * How long a split was worked on.
 *
 * @param split its number
 * @param rows that were settled in that time
 * @param millis from its first row to its last
 */
public record SplitTime(int split, long rows, long millis) {}
