package io.batchinfer.compare;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.journal.RowFacts;
import io.batchinfer.journal.RowFactsFile;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import io.batchinfer.row.AnswerDigest;
import io.batchinfer.row.AnswerPart;
import io.batchinfer.row.ResultAnswer;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads the parts of one split to compare their rows. For one thread. */
final class PartReader {
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;
  private static final String ENDPOINT = "endpoint";

  private final ComparedOutput output;
  private final Consumer<ComparedRow> rows;
  private final RowKey keys;
  private final ResultAnswer answer;
  private final AnswerDigest answers = new AnswerDigest();
  private final Digest128 digest = new Digest128();
  private long withoutId;

  PartReader(ComparedOutput output, Consumer<ComparedRow> rows) {
    this.output = output;
    this.rows = rows;
    this.keys = new RowKey(JobRequest.jobHash(output.job().identity()));
    this.answer =
        new ResultAnswer(
            Set.of(AnswerPart.BODY, AnswerPart.ERROR),
            output.job().definition().settings().getOrDefault(ENDPOINT, ""));
  }

  /**
   * Reads a split.
   *
   * @return rows that no custom_id tells from all others, which are not handed on
   */
  long read(int index, PartCounts parts) {
    Split split = output.plan().splits().get(index);
    FileStore store = output.folder().store();
    Map<Integer, RowFacts> facts = RowFactsFile.read(store, output.folder().rowFacts(index)).rows();
    long succeeded = read(split, true, facts);
    long failed = read(split, false, facts);
    if (succeeded != parts.counts().succeeded() || failed != parts.counts().failed()) {
      throw new BatchException(
          ErrorCode.PROOF_FAILED,
          "The parts of split %d in \"%s\" hold %,d results and %,d errors, but %,d and %,d were written. A run changed them just now, then the same command works again; or files were changed or taken away, and \"batchinfer verify\" says which."
              .formatted(
                  index,
                  output.folder().root(),
                  succeeded,
                  failed,
                  parts.counts().succeeded(),
                  parts.counts().failed()));
    }
    return withoutId;
  }

  private long read(Split split, boolean result, Map<Integer, RowFacts> facts) {
    String path = output.part(new ComparedRow.Place(split.index(), result, 0, 0));
    FileStore store = output.folder().store();
    if (store.find(path).isEmpty()) {
      return 0;
    }
    long read = 0;
    try (LineReader lines = new LineReader(store.open(path, 0), 0, MAX_LINE_BYTES)) {
      while (lines.next()) {
        answer.read(lines.bytes(), lines.start(), lines.length());
        OptionalLong key = keys.parse(answer.id());
        if (key.isEmpty()) {
          throw new IOException("byte " + lines.offset() + " is no line of this job");
        }
        ComparedRow.Place place =
            new ComparedRow.Place(split.index(), result, lines.offset(), lines.length());
        long line = RowKey.lineOf(key.getAsLong()) - split.firstLine();
        add(place, lines.bytes(), facts.get((int) line));
        read++;
      }
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
    return read;
  }

  private void add(ComparedRow.Place place, byte[] bytes, @Nullable RowFacts facts) {
    String customId = answer.customId();
    String code = place.result() ? "" : answer.failure().code();
    // Of lines with one custom_id the first is the row; the others only say that they are not.
    if (customId == null || code.equals(ErrorCode.DUPLICATE_CUSTOM_ID.code())) {
      withoutId++;
      return;
    }
    Hash128 said =
        place.result()
            ? answers.of(
                Arrays.copyOfRange(
                    bytes, answer.bodyStart(), answer.bodyStart() + answer.bodyLength()))
            : Hash128.ZERO;
    Usage usage = answer.usage();
    Cost cost = facts == null ? Cost.NONE : facts.usage().cost();
    rows.accept(
        new ComparedRow(
            digest.add(customId).finish(),
            said,
            code,
            new ComparedRow.Spending(usage.promptTokens(), usage.completionTokens(), cost),
            place));
  }
}
