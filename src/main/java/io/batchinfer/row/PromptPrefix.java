package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.Digest128;
import java.io.IOException;
import java.util.List;

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

  /** In the order in which chat templates put them before the model. */
  private static final List<String> FIELDS =
      List.of(
          "model", "tools", "functions", "system", "instructions", "messages", "prompt", "input");

  private final Digest128 digest = new Digest128();
  private final byte[] block = new byte[BLOCK];

  /** Hashes of the beginnings of a body, the shortest first. */
  public long[] of(byte[] body) {
    if (body.length < BLOCK) {
      return NONE;
    }
    int[] starts = new int[FIELDS.size()];
    int[] ends = new int[FIELDS.size()];
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      parser.nextToken();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        int field = FIELDS.indexOf(parser.currentName());
        JsonToken value = parser.nextToken();
        int start = (int) parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        if (field >= 0) {
          if (value.isScalarValue()) {
            parser.finishToken();
          }
          starts[field] = start;
          ends[field] = (int) parser.currentLocation().getByteOffset();
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("a body that was parsed before is no JSON", e);
    }
    return chain(body, starts, ends);
  }

  private long[] chain(byte[] body, int[] starts, int[] ends) {
    int bytes = 0;
    for (int field = 0; field < starts.length; field++) {
      bytes += ends[field] - starts[field];
    }
    long[] chain = new long[Math.min(MOST_BLOCKS, bytes / BLOCK)];
    int blocks = 0;
    int filled = 0;
    long before = 0;
    for (int field = 0; field < starts.length; field++) {
      int from = starts[field];
      while (from < ends[field] && blocks < chain.length) {
        int taken = Math.min(BLOCK - filled, ends[field] - from);
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
