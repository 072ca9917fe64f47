package io.batchinfer.engine.plan;

import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.TokenGuess;
import io.batchinfer.engine.copies.RowHashes;
import io.batchinfer.engine.plan.UnitScan.InvalidLine;
import io.batchinfer.engine.plan.UnitScan.ScannedSplit;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowHash;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads a unit once: validates every line, hashes content, rows and ids, and cuts it into splits.
 * The hashes go to files beside the plan; only small sums come back.
 */
public final class UnitScanner {
  /** Rows of a split, whatever their size, so that one split never needs much memory. */
  private static final int MAX_SPLIT_LINES = 20_000;

  private static final int LISTED_INVALID = 20;
  private static final int SHOWN_MESSAGE = 500;

  private final JobFolder folder;
  private final RequestLineParser parser;
  private final int maxLineBytes;
  private final Invalid tooLong;
  private final long splitBytes;
  private final AudioForms transcriptions;

  public UnitScanner(JobFolder folder, RunSpec spec, long splitBytes) {
    this.folder = folder;
    this.transcriptions = AudioForms.of(folder.store(), spec);
    this.parser = new RequestLineParser(spec.lineRules());
    this.maxLineBytes = spec.maxLineBytes();
    this.tooLong = spec.tooLong();
    this.splitBytes = splitBytes;
  }

  /** Scans and returns the encoded {@link UnitScan}. */
  public byte[] scan(ScanUnit unit) {
    try {
      return UnitScanCodec.encode(new Scan(unit).run());
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + unit.path() + "\"", e);
    }
  }

  private final class Scan {
    private final ScanUnit unit;
    private final Digest128 content = new Digest128();
    private final Digest128 digest = new Digest128();
    private final List<ScannedSplit> splits = new ArrayList<>();
    private final List<InvalidLine> firstInvalid = new ArrayList<>();
    private final CustomIds ids = new CustomIds();
    private final ModelRows models = new ModelRows();
    private long invalid;
    private int lines;

    private long splitStart;
    private int splitFirstLine;
    private int splitRows;
    private int splitInvalid;
    private Hash128 splitSum = Hash128.ZERO;
    private long splitTokens;

    Scan(ScanUnit unit) {
      this.unit = unit;
    }

    UnitScan run() throws IOException {
      FileStore store = folder.store();
      long from = Math.max(0, unit.start() - 1);
      try (InputStream in = store.open(unit.path(), from);
          LineReader reader = new LineReader(in, from, maxLineBytes);
          RowHashes rowHashes = new RowHashes(store, folder.rowHashes(unit.index()))) {
        if (unit.start() > 0) {
          // The line that the byte before the unit belongs to is the previous unit's.
          reader.next();
        }
        splitStart = reader.endOffset();
        while (reader.endOffset() < unit.end() && reader.next()) {
          if (reader.tooLong()) {
            // Its bytes were skipped over, in pieces that depend on how they arrived.
            content.add(reader.endOffset() - reader.offset()).add(lines);
          } else {
            content.add(reader.bytes(), reader.start(), reader.length()).add(lines);
          }
          if (!reader.isBlank()) {
            row(reader, rowHashes);
          }
          lines++;
          boolean full =
              reader.endOffset() - splitStart >= splitBytes
                  || lines - splitFirstLine >= MAX_SPLIT_LINES;
          if (full) {
            cut(reader.endOffset());
          }
        }
        cut(reader.endOffset());
      }
      ids.writeTo(store, folder.customIds(unit.index()));
      return new UnitScan(
          unit.index(),
          lines,
          content.finish(),
          splits,
          invalid,
          firstInvalid,
          ids.count(),
          models.all());
    }

    private void row(LineReader reader, RowHashes rowHashes) throws IOException {
      ParsedLine parsed =
          reader.tooLong()
              ? tooLong
              : transcriptions.check(parser.parse(reader.bytes(), reader.start(), reader.length()));
      @Nullable String customId = parsed.customId();
      splitRows++;
      splitSum = splitSum.plus(RowHash.of(digest, lines - splitFirstLine, customId));
      if (parsed instanceof Invalid problem) {
        invalid++;
        splitInvalid++;
        if (firstInvalid.size() < LISTED_INVALID) {
          firstInvalid.add(
              new InvalidLine(lines, problem.code().code(), shortened(problem.message())));
        }
      } else if (parsed instanceof Request request) {
        Hash128 rowHash = digest.add(request.path()).add(request.body()).finish();
        rowHashes.add(rowHash, lines, request.determined());
        splitTokens += TokenGuess.of(request);
        models.add(request.model(), 1, unit.file(), lines);
        if (customId != null) {
          ids.add(digest.add(customId).finish(), lines);
        }
      }
    }

    private String shortened(String message) {
      return message.length() <= SHOWN_MESSAGE
          ? message
          : message.substring(0, SHOWN_MESSAGE) + "…";
    }

    private void cut(long end) {
      if (lines > splitFirstLine) {
        splits.add(
            new ScannedSplit(
                splitStart,
                end,
                splitFirstLine,
                lines - splitFirstLine,
                splitRows,
                splitInvalid,
                splitSum,
                splitTokens));
      }
      splitStart = end;
      splitFirstLine = lines;
      splitRows = 0;
      splitInvalid = 0;
      splitSum = Hash128.ZERO;
      splitTokens = 0;
    }
  }
}
