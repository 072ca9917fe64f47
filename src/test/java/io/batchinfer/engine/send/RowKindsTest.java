package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.course.RowKind;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptOutline;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowKindsTest {
  private static final String PATH = "/v1/chat/completions";

  private static Request request(String model, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    return new Request(null, PATH, bytes, model, -1, false, PromptOutline.of(bytes));
  }

  private static @Nullable RowKind kind(String model, String body) {
    RowKinds kinds = new RowKinds(3);
    kinds.note(1, request(model, body));
    assertThat(kinds.of(0)).as("a row that was not read").isNull();
    return kinds.of(1);
  }

  @Test
  void aKindIsTheModelThePathAndWhatTheBodyHolds() {
    assertThat(kind("m", "{\"messages\":[]}")).isEqualTo(new RowKind(PATH, "m", false, false));
    assertThat(kind("m", "{\"tools\" : [{}]}")).isEqualTo(new RowKind(PATH, "m", false, true));
    assertThat(kind("m", "{\"messages\":[{\"content\":[{\"type\":\"image_url\"}]}]}"))
        .isEqualTo(new RowKind(PATH, "m", true, false));
    assertThat(kind("", "{\"input\":[{\"type\":\"input_image\"}],\"tools\":[]}"))
        .isEqualTo(new RowKind(PATH, "", true, true));
  }

  @Test
  void kindsThatHaveNoRoomAreOneKind() {
    RowKinds kinds = new RowKinds(2 * RowKind.MOST + 1);
    for (int line = 0; line < 2 * RowKind.MOST; line++) {
      kinds.note(line, request("m" + line, "{}"));
    }
    kinds.note(2 * RowKind.MOST, request("m3", "{}"));

    assertThat(kinds.of(RowKind.MOST - 1)).extracting(RowKind::model).isEqualTo("m23");
    assertThat(kinds.of(RowKind.MOST)).isEqualTo(RowKind.OTHERS);
    assertThat(kinds.of(2 * RowKind.MOST - 1)).isEqualTo(RowKind.OTHERS);
    assertThat(kinds.of(2 * RowKind.MOST)).extracting(RowKind::model).isEqualTo("m3");
  }
}
