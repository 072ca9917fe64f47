package io.batchinfer.remote;

/**
 * Neighbouring rows of one split that go to the same endpoint and model, among others that do not.
 *
 * @param split their split
 * @param from line of the first in the split, from 0
 * @param to line after the last
 */
public record Piece(int split, int from, int to) {}
