package io.batchinfer.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.Digest128;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.RowHash;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.Split;
import io.batchinfer.model.Usage;
import io.batchinfer.row.ResultLineWriter;
import io.batchinfer.testing.InMemoryFiles;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PartProofTest {
  private static final String RESULTS = "/out/results/part-00000.jsonl";
  private static final String ERRORS = "/out/errors/part-00000.jsonl";
  private static final RowKey KEYS = new RowKey(new Hash128(0x1234, 0x5678));
  private static final RowKey FOREIGN_KEYS = new RowKey(new Hash128(0x9999, 0));

  private final InMemoryFiles files = InMemoryFiles.filesystem();

  /** Five physical lines from line 11, the third of them blank; odd places failed. */
  private final Split split = split();

  private final List<String> results = new ArrayList<>(List.of(line(0, KEYS), line(4, KEYS)));
  private final List<String> errors = new ArrayList<>(List.of(line(1, KEYS), line(3, KEYS)));

  private static Split split() {
    Digest128 digest = new Digest128();
    Hash128 sum = Hash128.ZERO;
    for (int line : new int[] {0, 1, 3, 4}) {
      sum = sum.plus(RowHash.of(digest, line, customId(line)));
    }
    return new Split(0, 2, "/in/c.jsonl", 100, 900, 0, 10, 11, 5, 4, 0, sum, 0);
  }

  private static String customId(int line) {
    return "id-" + line;
  }

  private static String line(int lineInSplit, RowKey keys) {
    return line(lineInSplit, keys, customId(lineInSplit));
  }

  private static String line(int lineInSplit, RowKey keys, String customId) {
    RowOutcome outcome =
        lineInSplit % 2 == 0
            ? new RowOutcome.Answered(
                200,
                "r",
                "{\"a\":{\"error\":null},\"b\":\"}\"}".getBytes(StandardCharsets.UTF_8),
                Usage.NONE,
                AnswerMarks.NONE,
                "")
            : new RowOutcome.Unanswered(ErrorCode.REQUEST_TIMEOUT, "no answer", null);
    return new String(
        new ResultLineWriter(keys, List.of("a", "b", "c"))
            .render(new RowId(2, 11 + lineInSplit), customId, outcome),
        StandardCharsets.US_ASCII);
  }

  private Optional<String> verdict() {
    files.put(RESULTS, String.join("", results).getBytes(StandardCharsets.US_ASCII));
    files.put(ERRORS, String.join("", errors).getBytes(StandardCharsets.US_ASCII));
    return new PartProof(files, KEYS).disprove(split, RESULTS, ERRORS);
  }

  @Test
  void wholePartsAreProven() {
    assertThat(verdict()).isEmpty();
  }

  @Test
  void theRowsOfEachPartAreCountedOverAllSplits() {
    verdict();
    PartProof proof = new PartProof(files, KEYS);

    for (int split = 1; split <= 3; split++) {
      assertThat(proof.disprove(this.split, RESULTS, ERRORS)).isEmpty();
      assertThat(proof.resultRows()).isEqualTo(2L * split);
      assertThat(proof.errorRows()).isEqualTo(2L * split);
    }
    assertThat(files.openReads()).as("files left open").isZero();
  }

  @Test
  void rowsMayAllBeInOnePart() {
    results.clear();
    results.addAll(List.of(line(0, KEYS), line(1, KEYS), line(3, KEYS), line(4, KEYS)));
    files.put(RESULTS, String.join("", results).getBytes(StandardCharsets.US_ASCII));
    assertThat(new PartProof(files, KEYS).disprove(split, RESULTS, ERRORS)).isEmpty();
  }

  @Test
  void aLostRowIsFound() {
    errors.remove(1);
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("4 rows", "3"));
  }

  @Test
  void anEmptyPartIsFound() {
    results.clear();
    assertThat(verdict()).isPresent();
  }

  @Test
  void anAbsentPartIsFound() {
    verdict();
    files.delete(ERRORS);
    assertThat(new PartProof(files, KEYS).disprove(split, RESULTS, ERRORS)).isPresent();
  }

  @Test
  void aRowInBothPartsIsFound() {
    errors.add(0, line(0, KEYS));
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("twice"));
  }

  @Test
  void aRowForABlankLineIsFound() {
    results.add(1, line(2, KEYS));
    assertThat(verdict()).isPresent();
    errors.remove(1);
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("ids differ"));
  }

  @Test
  void aRowBeyondTheSplitIsFound() {
    for (int line : new int[] {5, 6}) {
      results.add(line(line, KEYS));
      assertThat(verdict())
          .hasValueSatisfying(words -> assertThat(words).contains("another split"));
      results.remove(2);
    }
    results.add(0, line(-1, KEYS));
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("another split"));
  }

  @Test
  void aRowTwiceInOnePartIsFound() {
    results.add(1, line(0, KEYS));
    assertThat(verdict())
        .hasValueSatisfying(words -> assertThat(words).contains("twice or out of order"));
  }

  @Test
  void aLineThatIsNoResultIsFoundWithItsPlace() {
    results.add(1, "{}\n");
    assertThat(verdict())
        .hasValueSatisfying(
            words ->
                assertThat(words)
                    .contains("something else than a result", "byte " + results.get(0).length()));
  }

  @Test
  void swappedRowsAreFound() {
    java.util.Collections.swap(results, 0, 1);
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("out of order"));
  }

  @Test
  void aChangedCustomIdIsFound() {
    results.set(1, line(4, KEYS, "id-5"));
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("ids differ"));
  }

  @Test
  void aRowOfAnotherJobIsFound() {
    results.set(0, line(0, FOREIGN_KEYS));
    assertThat(verdict()).hasValueSatisfying(words -> assertThat(words).contains("another job"));
  }

  @Test
  void aPartCutAtAnyByteIsFound() {
    verdict();
    for (String part : List.of(RESULTS, ERRORS)) {
      byte[] whole = files.content(part);
      for (int cut = 0; cut < whole.length; cut++) {
        files.put(part, Arrays.copyOf(whole, cut));
        assertThat(new PartProof(files, KEYS).disprove(split, RESULTS, ERRORS))
            .as("\"%s\" cut at byte %d of %d", part, cut, whole.length)
            .isPresent();
      }
      files.put(part, whole);
    }
  }

  @Test
  void aLineCutAtAnyByteIsFound() {
    for (List<String> part : List.of(results, errors)) {
      String whole = part.get(0);
      for (int cut = 1; cut < whole.length() - 1; cut++) {
        part.set(0, whole.substring(0, cut) + "\n");
        assertThat(verdict()).as("line cut at %d: %s", cut, part.get(0)).isPresent();
      }
      part.set(0, whole);
    }
    assertThat(verdict()).isEmpty();
  }
}
