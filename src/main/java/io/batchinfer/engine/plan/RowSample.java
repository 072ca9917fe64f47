package io.batchinfer.engine.plan;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Compression;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.RandomReads;
import io.batchinfer.storage.StorageException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.stream.Stream;

/**
 * Draws rows of a set of requests at random, in one pass and with a few dozen bytes of memory for
 * each drawn row: what may be drawn is kept in a file meanwhile. Every row has the same chance.
 * Which rows are drawn depends on the seed and on how many rows stand before each, so a larger
 * sample holds every smaller one. For one thread, and once.
 */
public final class RowSample {
  private static final int BUFFER = 1 << 18;
  private static final long GOLDEN_RATIO = 0x9e3779b97f4a7c15L;

  private final FileStore store;
  private final String scratch;
  private final int wanted;
  private final long seed;
  private final int longest;
  private final PriorityQueue<Candidate> drawn =
      new PriorityQueue<>(Comparator.comparingLong(Candidate::lot).reversed());
  private long rows;
  private long tooLong;
  private long kept;

  /**
   * @param scratch qualified path of a file for the lines that may be drawn; the caller deletes it
   * @param wanted how many rows to draw
   * @param longest longest line in bytes that may be drawn
   */
  public RowSample(FileStore store, String scratch, int wanted, long seed, int longest) {
    this.store = store;
    this.scratch = scratch;
    this.wanted = wanted;
    this.seed = seed;
    this.longest = longest;
  }

  /**
   * What was drawn.
   *
   * @param drawn rows that were written
   * @param rows rows of the input, those that are too long among them
   * @param tooLong rows that are longer than may be drawn
   */
  public record Drawn(long drawn, long rows, long tooLong) {}

  /** A row that is drawn unless enough others have a lower lot. */
  private record Candidate(long lot, long row, long position, int length) {}

  /**
   * Reads all files and writes the rows that are drawn, in the order of the input and byte for
   * byte, each with a line end.
   *
   * @throws IOException what {@code out} throws
   * @throws BatchException with {@link ErrorCode#INVALID_INPUT} where there is no row, or a
   *     compressed file is damaged
   */
  public Drawn draw(List<FileStore.Entry> files, OutputStream out) throws IOException {
    try (OutputStream candidates = store.create(scratch)) {
      for (FileStore.Entry file : files) {
        read(file, candidates);
      }
    } catch (IOException e) {
      throw new StorageException("Cannot write \"" + scratch + "\"", e);
    }
    if (rows == 0) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT, "The input has only blank lines: there is nothing to draw.");
    }
    write(out);
    return new Drawn(drawn.size(), rows, tooLong);
  }

  private void read(FileStore.Entry file, OutputStream candidates) throws IOException {
    Compression compression = Compression.ofName(file.path());
    try (InputStream raw = new BufferedInputStream(store.open(file.path(), 0), BUFFER);
        LineReader lines = new LineReader(plain(file, raw, compression), 0, longest)) {
      while (next(lines, file, compression)) {
        if (!lines.isBlank()) {
          consider(lines, candidates);
        }
      }
    }
  }

  private static InputStream plain(FileStore.Entry file, InputStream raw, Compression compression) {
    try {
      return compression.decompress(raw);
    } catch (IOException e) {
      throw unreadable(file, compression, e);
    }
  }

  private static boolean next(LineReader lines, FileStore.Entry file, Compression compression) {
    try {
      return lines.next();
    } catch (IOException e) {
      throw unreadable(file, compression, e);
    }
  }

  private static RuntimeException unreadable(
      FileStore.Entry file, Compression compression, IOException e) {
    if (compression == Compression.NONE) {
      return new StorageException("Cannot read \"" + file.path() + "\"", e);
    }
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "Cannot unpack \"%s\": %s. The file is damaged or cut off, or its name says the wrong compression; give a whole one."
            .formatted(
                file.path(),
                e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()),
        e);
  }

  private void consider(LineReader line, OutputStream candidates) throws IOException {
    long row = rows++;
    if (line.tooLong()) {
      tooLong++;
      return;
    }
    long lot = lot(row);
    boolean full = drawn.size() == wanted;
    if (full && lot >= drawn.element().lot()) {
      return;
    }
    if (full) {
      drawn.remove();
    }
    int length = line.lengthWithEnd();
    candidates.write(line.bytes(), line.start(), length);
    drawn.add(new Candidate(lot, row, kept, length));
    kept += length;
  }

  /** Numbers without any order that are different for different rows. */
  private long lot(long row) {
    long mixed = (seed * GOLDEN_RATIO) ^ ((row + 1) * 0xd1342543de82ef95L);
    // The finishing steps of SplitMix64.
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  private void write(OutputStream out) throws IOException {
    try (RandomReads lines = store.openRandom(scratch);
        Stream<Candidate> inOrder =
            drawn.stream().sorted(Comparator.comparingLong(Candidate::row))) {
      for (Candidate candidate : (Iterable<Candidate>) inOrder::iterator) {
        byte[] line = new byte[candidate.length()];
        if (lines.read(candidate.position(), line) < line.length) {
          throw new StorageException(
              "Cannot read \"" + scratch + "\"", new IOException("it was cut off meanwhile"));
        }
        out.write(line);
        if (line[line.length - 1] != '\n') {
          out.write('\n');
        }
      }
    }
  }
}
