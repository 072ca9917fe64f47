package io.batchinfer.compare;

import io.batchinfer.compare.Comparison.Ending;
import io.batchinfer.compare.Comparison.Example;
import io.batchinfer.row.AnswerPart;
import io.batchinfer.row.ResultAnswer;
import io.batchinfer.storage.RandomReads;
import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the lines of rows that are to be examples again. */
final class ExampleReader {
  private static final int SHOWN = 300;

  /** What is shown of two texts before they differ. */
  private static final int COMMON = 40;

  private final ComparedOutput first;
  private final ComparedOutput second;

  ExampleReader(ComparedOutput first, ComparedOutput second) {
    this.first = first;
    this.second = second;
  }

  List<Example> read(ComparisonTotals totals) {
    List<Example> examples = new ArrayList<>();
    for (Verdict verdict : Verdict.values()) {
      for (ComparisonTotals.Pair pair : totals.examples(verdict)) {
        examples.add(example(verdict, pair));
      }
    }
    return examples;
  }

  private Example example(Verdict verdict, ComparisonTotals.Pair pair) {
    Optional<Line> one = Optional.ofNullable(pair.first()).map(row -> line(first, row));
    Optional<Line> other = Optional.ofNullable(pair.second()).map(row -> line(second, row));
    int from =
        one.isPresent() && other.isPresent() && verdict == Verdict.CHANGED
            ? Math.max(0, firstDifference(one.get().text(), other.get().text()) - COMMON)
            : 0;
    return new Example(
        verdict,
        one.or(() -> other).map(Line::customId).orElse(""),
        one.map(line -> ending(line, from)),
        other.map(line -> ending(line, from)));
  }

  /** A line in words. */
  private record Line(String customId, String ending, String text) {}

  private static Ending ending(Line line, int from) {
    String text = line.text();
    int start = Math.min(from, text.length());
    if (start > 0 && start < text.length() && Character.isLowSurrogate(text.charAt(start))) {
      start--;
    }
    int end = Math.min(text.length(), start + SHOWN);
    if (end < text.length() && Character.isLowSurrogate(text.charAt(end))) {
      end++;
    }
    String shown =
        (start > 0 ? "…" : "") + text.substring(start, end) + (end < text.length() ? "…" : "");
    return new Ending(line.ending(), shown);
  }

  private static int firstDifference(String one, String other) {
    int shorter = Math.min(one.length(), other.length());
    int at = 0;
    while (at < shorter && one.charAt(at) == other.charAt(at)) {
      at++;
    }
    return at;
  }

  private static Line line(ComparedOutput output, ComparedRow row) {
    String path = output.part(row.place());
    byte[] line = new byte[row.place().length()];
    try (RandomReads part = output.folder().store().openRandom(path)) {
      if (part.read(row.place().offset(), line) < line.length) {
        throw new IOException("it has become shorter meanwhile");
      }
      ResultAnswer answer =
          new ResultAnswer(Set.of(AnswerPart.TEXT, AnswerPart.ERROR, AnswerPart.BODY), "");
      answer.read(line, 0, line.length);
      String id = answer.customId();
      return new Line(id == null ? "" : id, row.ending(), text(row, answer, line));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  /** The answer's text or, where it has none, the beginning of its JSON. */
  private static String text(ComparedRow row, ResultAnswer answer, byte[] line) {
    if (!row.isAnswered()) {
      return answer.failure().message();
    }
    @Nullable String text = answer.text();
    return text != null && !text.isEmpty()
        ? text
        : new String(line, answer.bodyStart(), answer.bodyLength(), StandardCharsets.UTF_8);
  }
}
