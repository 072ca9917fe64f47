package io.batchinfer.row;

import io.batchinfer.model.Digest128;

/**
 * What a request begins with, as far as a server's cache may know it: hashes of ever longer
 * beginnings of its prompt, one for each {@link #BLOCK}. Requests that share a hash share all that
 * comes before. Prompts that are shorter than a block have none. Not thread-safe.
 */
public final class PromptPrefix {
  /** Bytes; 100 to 200 tokens. Shorter beginnings are not worth an order. */
  public static final int BLOCK = 512;

  /** Beginnings that are told from each other, 64 KiB. */
  private static final int MOST_BLOCKS = 128;

  private static final long[] NONE = {};

  private final Digest128 digest = new Digest128();
  private final byte[] block = new byte[BLOCK];

  /** Hashes of the beginnings of a request's prompt, the shortest first. */
  public long[] of(ParsedLine.Request request) {
    byte[] body = request.body();
    if (body.length < BLOCK) {
      return NONE;
    }
    return chain(body, request.prompt().in(body));
  }

  private long[] chain(byte[] body, PromptOutline prompt) {
    int bytes = 0;
    for (int field = 0; field < PromptOutline.FIELDS; field++) {
      bytes += prompt.end(field, body) - prompt.start(field);
    }
    long[] chain = new long[Math.min(MOST_BLOCKS, bytes / BLOCK)];
    int blocks = 0;
    int filled = 0;
    long before = 0;
    for (int field = 0; field < PromptOutline.FIELDS; field++) {
      int from = prompt.start(field);
      int to = prompt.end(field, body);
      while (from < to && blocks < chain.length) {
        int taken = Math.min(BLOCK - filled, to - from);
        System.arraycopy(body, from, block, filled, taken);
        from += taken;
        filled += taken;
        if (filled == BLOCK) {
          before = digest.add(before).add(block).finish().high();
          chain[blocks++] = before;
          filled = 0;
        }
      }
    }
    return chain;
  }
}
