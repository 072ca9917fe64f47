package io.batchinfer.course;

/**
 * A limit that a run was given when it started.
 *
 * @param name such as {@code requests_per_minute}
 * @param value of that many
 * @param from where it comes from, such as a flag or a profile, or {@code found} where the run
 *     finds it by trying, and {@code value} is the most that it tries
 */
public record StatedLimit(String name, double value, String from) {}
