package io.batchinfer.model;

/**
 * One input file as the plan saw it.
 *
 * @param number position in the plan, from 0
 * @param path qualified path
 * @param modifiedMillis modification time in epoch milliseconds
 * @param content hash of the plain content
 */
public record InputFile(
    int number, String path, long bytes, long modifiedMillis, Hash128 content) {}
