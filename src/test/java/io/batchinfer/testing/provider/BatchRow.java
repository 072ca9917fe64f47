package io.batchinfer.testing.provider;

/**
 * One line of a batch that was taken.
 *
 * @param hash tells its body from others
 * @param refused whether its body is answered with 400
 */
record BatchRow(String customId, String hash, int promptTokens, boolean refused) {}
