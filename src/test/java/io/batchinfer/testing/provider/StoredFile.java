package io.batchinfer.testing.provider;

/**
 * A file at the provider.
 *
 * @param kind what it is for
 * @param created in epoch milliseconds
 * @param readable from when on its content can be read, in epoch milliseconds
 * @param until how a read before that is answered: 404, 409 or 400
 */
record StoredFile(
    String id, String name, Kind kind, byte[] content, long created, long readable, int until) {

  enum Kind {
    INPUT,
    OUTPUT,
    ERRORS
  }
}
