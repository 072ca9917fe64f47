package io.batchinfer.journal;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The {@link RowFacts} of a split, beside its parts: lines of results have no place for them. A
 * dozen bytes a row, in the order of its lines.
 *
 * @param round how often the split had been reopened when the file was written
 * @param rows facts by line, from 0 in the split; rows that an earlier version settled have none
 */
public record RowFactsFile(int round, Map<Integer, RowFacts> rows) {
  private static final int MAGIC = 0x62664631;
  private static final int BUFFER = 1 << 16;
  private static final int LOW_BITS = 7;
  private static final int MORE = 0x80;

  /** Of one number. */
  private static final int MOST_BYTES = 10;

  static final RowFactsFile NONE = new RowFactsFile(0, Map.of());

  /** Reads a file; there is none of splits that an earlier version published. */
  public static RowFactsFile read(FileStore store, String path) {
    if (store.find(path).isEmpty()) {
      return NONE;
    }
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(store.open(path, 0), BUFFER))) {
      if (in.readInt() != MAGIC) {
        throw new IOException("the file is not one of the facts of rows");
      }
      int round = (int) number(in);
      long count = number(in);
      Map<Integer, RowFacts> rows = new LinkedHashMap<>();
      for (long i = 0; i < count; i++) {
        int line = (int) number(in);
        rows.put(line, facts(in));
      }
      return new RowFactsFile(round, rows);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private static RowFacts facts(DataInputStream in) throws IOException {
    int attempts = (int) number(in);
    int mayHaveRun = (int) number(in);
    long prompt = number(in);
    long completion = number(in);
    long cached = number(in);
    long reasoning = number(in);
    long billionths = number(in);
    long unpriced = number(in);
    Cost cost = new Cost(billionths, unpriced);
    return new RowFacts(
        attempts, mayHaveRun, new Usage(prompt, completion, cached, reasoning, cost));
  }

  /** Writes the file, which nobody reads before it is published. */
  void write(FileStore store, String path) {
    try (OutputStream out = store.create(path)) {
      Numbers numbers = new Numbers(out);
      numbers.magic();
      numbers.add(round);
      numbers.add(rows.size());
      for (Map.Entry<Integer, RowFacts> row : rows.entrySet()) {
        RowFacts facts = row.getValue();
        Usage usage = facts.usage();
        numbers.add(row.getKey());
        numbers.add(facts.attempts());
        numbers.add(facts.mayHaveRun());
        numbers.add(usage.promptTokens());
        numbers.add(usage.completionTokens());
        numbers.add(usage.cachedTokens());
        numbers.add(usage.reasoningTokens());
        numbers.add(usage.cost().billionths());
        numbers.add(usage.cost().unpriced());
      }
      numbers.flush();
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** Gathers numbers, since a stream takes a lock for every byte. */
  private static final class Numbers {
    private final OutputStream out;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER);

    Numbers(OutputStream out) {
      this.out = out;
    }

    void magic() {
      bytes.putInt(MAGIC);
    }

    /** Seven bits a byte, the lowest first; all of them are shorter than their type. */
    void add(long number) throws IOException {
      if (bytes.remaining() < MOST_BYTES) {
        flush();
      }
      long left = number;
      while ((left & ~(MORE - 1L)) != 0) {
        bytes.put((byte) ((left & (MORE - 1)) | MORE));
        left >>>= LOW_BITS;
      }
      bytes.put((byte) left);
    }

    void flush() throws IOException {
      out.write(bytes.array(), 0, bytes.position());
      bytes.clear();
    }
  }

  private static long number(DataInputStream in) throws IOException {
    long number = 0;
    for (int shift = 0; shift < Long.SIZE; shift += LOW_BITS) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the file is cut off");
      }
      number |= (long) (next & (MORE - 1)) << shift;
      if (next < MORE) {
        return number;
      }
    }
    throw new IOException("a number is too long");
  }
}
