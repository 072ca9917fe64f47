package io.batchinfer.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RecordSchemaTest {
  enum Mood {
    GOOD,
    BAD
  }

  record Place(double x, int[] y) {}

  record Review(
      String name, Optional<Integer> score, List<Place> at, Mood mood, LocalDate day, boolean ok) {}

  record Endless(List<Endless> more) {}

  record Mapped(Map<String, String> map) {}

  @Test
  void aRecordIsAStrictObject() throws InvalidSchemaException {
    String schema = RecordSchema.of(Review.class);

    assertThat(schema)
        .isEqualTo(
            """
            {"type":"object","properties":{"name":{"type":"string"},\
            "score":{"type":["integer","null"]},\
            "at":{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"},\
            "y":{"type":"array","items":{"type":"integer"}}},"required":["x","y"],\
            "additionalProperties":false}},\
            "mood":{"type":"string","enum":["GOOD","BAD"]},\
            "day":{"type":"string","format":"date"},"ok":{"type":"boolean"}},\
            "required":["name","score","at","mood","day","ok"],"additionalProperties":false,\
            "title":"Review"}""");
    assertThat(StrictShape.has(AnswerSchema.of(schema).json())).isTrue();
  }

  @Test
  void whatHasNoSchemaIsSaid() {
    assertThatThrownBy(() -> RecordSchema.of(Endless.class))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining("within itself");
    assertThatThrownBy(() -> RecordSchema.of(Mapped.class))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageContaining("Mapped.map")
        .hasMessageContaining("a map");
  }
}
