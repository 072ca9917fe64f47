package io.batchinfer.remote;

/**
 * How storing a file went.
 *
 * @param file its id, empty where it was not stored
 * @param bytes of it
 * @param problem why it was not stored, empty where it was
 * @param lasting whether the provider refused
 */
public record Uploaded(String file, long bytes, String problem, boolean lasting) {}
