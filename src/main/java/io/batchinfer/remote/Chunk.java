package io.batchinfer.remote;

/**
 * A piece of a split as whoever cut it found it: small beside a batch, so that batches of whole
 * chunks are nearly full.
 *
 * @param endpoint canonical path of its rows
 * @param model of its rows, or empty
 */
public record Chunk(String endpoint, String model, Piece piece, Load load) {}
