package io.batchinfer.remote;

import org.jspecify.annotations.Nullable;

/**
 * How reading a batch went.
 *
 * @param result what it held, null where not all of it was there
 * @param problem why it was not, empty where it was
 * @param lasting whether the provider refused
 */
public record Fetched(BatchNote.@Nullable Result result, String problem, boolean lasting) {}
