package io.batchinfer.model;

import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a job was at a moment; sums are from the job's beginning.
 *
 * @param atMillis UNIX milliseconds
 * @param inFlight requests under way at that moment
 * @param cost what the answers cost, or null where a price is unknown
 * @param p50 milliseconds below which half the answers since the last point stayed, or null where
 *     there were none; the next two likewise
 * @param errors failed rows by code
 */
public record ProgressPoint(
    long atMillis,
    long completed,
    long failed,
    int inFlight,
    long promptTokens,
    long completionTokens,
    @Nullable Double cost,
    @Nullable Double p50,
    @Nullable Double p95,
    @Nullable Double p99,
    SortedMap<String, Long> errors) {}
