package io.batchinfer.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a provider's line says, wherever in a buffer it stands. */
class RemoteLineTest {
  private static final String LINE =
      "{\"id\":\"b\",\"custom_id\":\"r1-2\",\"response\":{\"status_code\":200,\"request_id\":\"q\",\"body\":{\"text\":\"ü } \\\" {\",\"n\":[1, 2]}},\"error\":null}";

  private static RemoteLine read(String line) throws IOException {
    byte[] bytes = ("before" + line + "behind").getBytes(UTF_8);
    return RemoteLine.read(bytes, 6, bytes.length - 12);
  }

  @Test
  void anAnswerIsTheBytesOfTheLine() throws IOException {
    RemoteLine line = read(LINE);

    assertThat(line.name()).isEqualTo("r1-2");
    assertThat(line.status()).isEqualTo(200);
    assertThat(line.requestId()).isEqualTo("q");
    assertThat(new String(line.body(), UTF_8)).isEqualTo("{\"text\":\"ü } \\\" {\",\"n\":[1, 2]}");
    assertThat(line.isFinal()).isTrue();
  }

  @Test
  void aLineThatIsCutAnywhereIsNone() {
    for (int end = 1; end < LINE.length(); end++) {
      String cut = LINE.substring(0, end);
      assertThatThrownBy(() -> read(cut)).as(cut).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> read(LINE + LINE)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> read("[1]")).isInstanceOf(IOException.class);
  }

  @Test
  void anErrorInPlaceOfAnAnswerHasItsWords() throws IOException {
    RemoteLine expired =
        read(
            "{\"custom_id\":\"r0-0\",\"response\":null,\"error\":{\"code\":\"batch_expired\",\"message\":\"late\"}}");
    RemoteLine plain = read("{\"custom_id\":\"r0-0\",\"error\":\"broken\"}");

    assertThat(expired.status()).isZero();
    assertThat(expired.code()).isEqualTo("batch_expired");
    assertThat(expired.message()).isEqualTo("late");
    assertThat(expired.isFinal()).isFalse();
    assertThat(plain.message()).isEqualTo("broken");
  }

  @Test
  void linesThatAreMadeHereAreReadAsWhatTheyStandFor() throws IOException {
    byte[] none = RemoteLine.unanswered(RowName.key(3, 4), "c", "it \"said\"\n");
    byte[] refused = RemoteLine.refused(RowName.key(3, 4), "no");

    RemoteLine unanswered = RemoteLine.read(none, 0, none.length);
    RemoteLine refusal = RemoteLine.read(refused, 0, refused.length);

    assertThat(RowName.keyOf(unanswered.name())).hasValue(RowName.key(3, 4));
    assertThat(unanswered.message()).isEqualTo("it \"said\"\n");
    assertThat(unanswered.isFinal()).isFalse();
    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.isFinal()).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "200,true",
    "400,true",
    "404,true",
    "422,true",
    "0,false",
    "408,false",
    "409,false",
    "429,false",
    "499,false",
    "500,false",
    "503,false"
  })
  void onlyWhatWouldEndTheSameWayAgainIsFinal(int status, boolean expected) throws IOException {
    RemoteLine line =
        read("{\"custom_id\":\"r0-0\",\"response\":{\"status_code\":" + status + ",\"body\":{}}}");

    assertThat(line.isFinal()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"r12-345", "r0-0"})
  void aNameIsReadBack(String name) {
    assertThat(RowName.of(RowName.keyOf(name).orElseThrow())).isEqualTo(name);
  }

  @ParameterizedTest
  @CsvSource({"r1", "x1-2", "r1-2-3", "r-1-2", "r1-99999999999"})
  void anotherNameIsNoRow(String name) {
    assertThat(RowName.keyOf(name)).isEmpty();
  }
}
