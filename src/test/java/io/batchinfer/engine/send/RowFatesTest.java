package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import io.batchinfer.storage.LineReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowFatesTest {
  private static final Unanswered CANCELLED =
      new Unanswered(ErrorCode.BATCH_CANCELLED, "was cancelled", null);
  private static final Invalid TOO_LONG =
      new Invalid(null, ErrorCode.LINE_TOO_LARGE, "too long", null);
  private static final Invalid BAD =
      new Invalid("a", ErrorCode.INVALID_JSON_LINE, "no model", "body.model");
  private static final Request GOOD =
      new Request(
          "a",
          "/v1/embeddings",
          "{}".getBytes(UTF_8),
          "m",
          -1,
          false,
          PromptOutline.of("{}".getBytes(UTF_8)));

  private final BitSet duplicates = new BitSet();
  private final BitSet blamed = new BitSet();

  /** The fate of the split's line 3, which is the unit's line 13. */
  private RowFate fate(ParsedLine parsed, @Nullable Unanswered close) throws IOException {
    return fate(parsed, close, 100);
  }

  private RowFate fate(ParsedLine parsed, @Nullable Unanswered close, int longest)
      throws IOException {
    byte[] text = "some line\n".getBytes(StandardCharsets.UTF_8);
    try (LineReader lines = new LineReader(new ByteArrayInputStream(text), 0, longest)) {
      assertThat(lines.next()).isTrue();
      return new RowFates(
              new RowFates.LineChecks(reader -> parsed, TOO_LONG, duplicates, 10, blamed), close)
          .of(3, lines);
    }
  }

  @Test
  void aGoodRowIsSent() throws IOException {
    assertThat(fate(GOOD, null)).isEqualTo(new RowFate.Sent(GOOD));
  }

  @Test
  void whatIsWrongWithALineStandsWhateverTheJobDoes() throws IOException {
    RowFate expected =
        new RowFate.Unsent(
            "a", new Unanswered(ErrorCode.INVALID_JSON_LINE, "no model", "body.model"));
    blamed.set(3);
    duplicates.set(13);

    assertThat(fate(BAD, null)).isEqualTo(expected);
    assertThat(fate(BAD, CANCELLED)).isEqualTo(expected);
  }

  @Test
  void aLineThatIsTooLongIsNotParsed() throws IOException {
    assertThat(fate(GOOD, CANCELLED, 4))
        .isEqualTo(
            new RowFate.Unsent(null, new Unanswered(ErrorCode.LINE_TOO_LARGE, "too long", null)));
  }

  @Test
  void aDuplicateIsOneAlsoWhenTheJobIsOver() throws IOException {
    duplicates.set(13);
    blamed.set(3);
    for (Unanswered close : new Unanswered[] {null, CANCELLED}) {
      RowFate.Unsent unsent = (RowFate.Unsent) fate(GOOD, close);
      assertThat(unsent.customId()).isEqualTo("a");
      assertThat(unsent.outcome().code()).isEqualTo(ErrorCode.DUPLICATE_CUSTOM_ID);
    }
    duplicates.clear();
    duplicates.set(3);
    blamed.clear();
    assertThat(fate(GOOD, null)).isEqualTo(new RowFate.Sent(GOOD));
  }

  @Test
  void aJobThatIsOverSendsNothingAndBlamesNobody() throws IOException {
    blamed.set(3);

    assertThat(fate(GOOD, CANCELLED)).isEqualTo(new RowFate.Unsent("a", CANCELLED));
  }

  @Test
  void aRowThatWorkersDiedOfIsNotSent() throws IOException {
    blamed.set(3);

    assertThat(fate(GOOD, null)).isEqualTo(new RowFate.Blamed("a"));
  }
}
