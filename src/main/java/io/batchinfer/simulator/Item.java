package io.batchinfer.simulator;

/**
 * One of the things a request is about: an input text, a document, a conversation.
 *
 * @param from offset of its JSON in the body
 * @param to offset after its JSON
 */
record Item(long hash, int from, int to) {
  int tokens() {
    return RequestFields.tokensOf(to - from);
  }
}
