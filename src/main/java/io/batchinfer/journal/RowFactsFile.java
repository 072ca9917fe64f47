package io.batchinfer.journal;

import io.batchinfer.model.Cost;
import io.batchinfer.model.Usage;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
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
    // A store's own stream is slow at single bytes.
    try (DataOutputStream out =
        new DataOutputStream(new BufferedOutputStream(store.create(path), BUFFER))) {
      out.writeInt(MAGIC);
      write(out, round);
      write(out, rows.size());
      for (Map.Entry<Integer, RowFacts> row : rows.entrySet()) {
        RowFacts facts = row.getValue();
        Usage usage = facts.usage();
        write(out, row.getKey());
        write(out, facts.attempts());
        write(out, facts.mayHaveRun());
        write(out, usage.promptTokens());
        write(out, usage.completionTokens());
        write(out, usage.cachedTokens());
        write(out, usage.reasoningTokens());
        write(out, usage.cost().billionths());
        write(out, usage.cost().unpriced());
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  /** Seven bits a byte, the lowest first; all of them are shorter than their type. */
  private static void write(DataOutputStream out, long number) throws IOException {
    long left = number;
    while ((left & ~(MORE - 1L)) != 0) {
      out.write((int) (left & (MORE - 1)) | MORE);
      left >>>= LOW_BITS;
    }
    out.write((int) left);
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
