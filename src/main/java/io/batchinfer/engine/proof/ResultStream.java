package io.batchinfer.engine.proof;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.row.InputLine;
import io.batchinfer.row.JoinedLine;
import io.batchinfer.row.ResultLineReader;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LineReader;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes the committed parts of a job as one stream, in input order, with a bounded buffer. What
 * the given stream throws is passed on; failures to read are {@link StorageException}s.
 */
public final class ResultStream {
  private static final int BUFFER = 1 << 18;
  private static final int MAX_LINE_BYTES = Integer.MAX_VALUE - 64;

  private final JobFolder folder;
  private final Plan plan;
  private final RowKey keys;
  private final List<Split> splits;
  private final ResultLineReader reader = new ResultLineReader();

  /** Streams what is committed at this moment. */
  public ResultStream(JobFolder folder, JobRecord job, Plan plan) {
    this.folder = folder;
    this.plan = plan;
    this.keys = new RowKey(JobRequest.jobHash(job.identity()));
    this.splits =
        folder.commits().splits().stream().sorted().map(index -> plan.splits().get(index)).toList();
  }

  /** Which rows. */
  public enum Rows {
    SUCCEEDED,
    FAILED
  }

  /** Rows of the splits that are committed. */
  public long rows() {
    return splits.stream().mapToLong(Split::rows).sum();
  }

  /** Whether every split is committed. */
  public boolean isComplete() {
    return splits.size() == plan.splits().size();
  }

  /** Copies the parts. */
  public void copy(Rows rows, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (Split split : present(rows)) {
      String part = part(rows, split);
      try (InputStream in = folder.store().open(part, 0)) {
        int read = read(in, buffer, part);
        while (read >= 0) {
          out.write(buffer, 0, read);
          read = read(in, buffer, part);
        }
      }
    }
  }

  /** Copies the input lines of failed rows, byte for byte, each with a line end. */
  public void failedRequests(OutputStream out) throws IOException {
    withInput(
        Rows.FAILED,
        (result, head, input) -> {
          int length = input.lengthWithEnd();
          out.write(input.bytes(), input.start(), length);
          if (length == 0 || input.bytes()[input.start() + length - 1] != '\n') {
            out.write('\n');
          }
        });
  }

  /** Writes every row with the body that was asked. */
  public void joined(Rows rows, OutputStream out) throws IOException {
    withInput(
        rows,
        (result, head, input) -> {
          Optional<InputLine> request =
              InputLine.read(input.bytes(), input.start(), input.length());
          JoinedLine.Bytes body =
              request
                  .map(
                      line ->
                          new JoinedLine.Bytes(
                              input.bytes(), input.start() + line.bodyStart(), line.bodyLength()))
                  .orElseGet(() -> new JoinedLine.Bytes(new byte[0], 0, 0));
          JoinedLine.write(
              out,
              head.customId(),
              body,
              new JoinedLine.Bytes(result.bytes(), result.start(), result.length()));
        });
  }

  @FunctionalInterface
  private interface Writer {
    void write(LineReader result, ResultLineReader.Head head, LineReader input) throws IOException;
  }

  private void withInput(Rows rows, Writer writer) throws IOException {
    try (InputLines inputs = new InputLines(folder.store(), plan)) {
      for (Split split : present(rows)) {
        String part = part(rows, split);
        try (LineReader lines = new LineReader(folder.store().open(part, 0), 0, MAX_LINE_BYTES)) {
          while (next(lines, part)) {
            ResultLineReader.@Nullable Head head =
                reader.head(lines.bytes(), lines.start(), lines.length());
            OptionalLong packed = head == null ? OptionalLong.empty() : keys.parse(head.id());
            if (head == null || packed.isEmpty()) {
              throw new StorageException(
                  "Cannot read \"" + part + "\"",
                  new IOException("byte " + lines.offset() + " is not a result line of this job"));
            }
            long line = RowKey.lineOf(packed.getAsLong());
            LineReader input = inputs.at(split, line);
            refuseAnother(split, line, head, input);
            writer.write(lines, head, input);
          }
        }
      }
    }
  }

  private void refuseAnother(Split split, long line, ResultLineReader.Head head, LineReader input) {
    @Nullable String found =
        InputLine.read(input.bytes(), input.start(), input.length())
            .map(InputLine::customId)
            .orElse(null);
    if (head.customId() != null && !Objects.equals(head.customId(), found)) {
      throw InputLines.changed(plan.files().get(split.file()), line);
    }
  }

  private List<Split> present(Rows rows) {
    Set<String> names = new HashSet<>();
    String parts = rows == Rows.SUCCEEDED ? folder.results() : folder.errors();
    for (FileStore.Entry entry : folder.store().list(parts)) {
      names.add(parts + "/" + entry.name());
    }
    return splits.stream().filter(split -> names.contains(part(rows, split))).toList();
  }

  private String part(Rows rows, Split split) {
    int count = plan.splits().size();
    return rows == Rows.SUCCEEDED
        ? folder.resultPart(split.index(), count)
        : folder.errorPart(split.index(), count);
  }

  private static int read(InputStream in, byte[] buffer, String part) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + part + "\"", e);
    }
  }

  private static boolean next(LineReader lines, String part) {
    try {
      return lines.next();
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + part + "\"", e);
    }
  }
}
