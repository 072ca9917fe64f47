package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.client.Reply;
import io.batchinfer.model.RowOutcome.Unreadable;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How much is kept of an answer that cannot be read and was paid for. */
class KeptTextTest {
  /** Shorter once it is masked. */
  private static final String SECRET = "s".repeat(64);

  private static final int MOST_BYTES = 8 * KeptText.MOST_CHARACTERS;

  private final KeptText kept = new KeptText(new SecretMask(List.of(SECRET)));

  private Unreadable of(byte[] body, Map<String, String> headers) {
    return kept.of(new Reply(200, headers::get, body), "req");
  }

  private Unreadable of(String body) {
    return of(body.getBytes(StandardCharsets.UTF_8), Map.of());
  }

  private static String text(Unreadable outcome) throws IOException {
    return new ObjectMapper().readTree(outcome.text()).textValue();
  }

  @Test
  void anAnswerThatJustFitsIsKeptWhole() throws IOException {
    String fits = "x".repeat(KeptText.MOST_CHARACTERS);

    assertThat(text(of(fits))).isEqualTo(fits);
    assertThat(of(fits).message()).contains("65,536 bytes", "They are kept as text");
    assertThat(text(of(fits + "y"))).isEqualTo(fits);
    assertThat(of(fits + "y").message())
        .contains("65,537 bytes", "The first 65,536 characters are kept");
  }

  @Test
  void anAnswerThatIsNotDecodedToItsEndIsNotSaidToBeWhole() throws IOException {
    String most = SECRET.repeat(MOST_BYTES / SECRET.length());
    String masked = "***".repeat(MOST_BYTES / SECRET.length());

    assertThat(text(of(most))).isEqualTo(masked);
    assertThat(of(most).message()).contains("They are kept as text");
    assertThat(text(of(most + "y"))).isEqualTo(masked);
    assertThat(of(most + "y").message())
        .contains("The first %,d characters are kept".formatted(masked.length()));
  }

  @Test
  void aCharacterIsNotCutInTwo() throws IOException {
    String pairs = "\ud83d\ude00".repeat(KeptText.MOST_CHARACTERS);

    assertThat(text(of(pairs))).hasSize(KeptText.MOST_CHARACTERS);
    assertThat(text(of("x" + pairs))).hasSize(KeptText.MOST_CHARACTERS - 1).startsWith("x\ud83d");
  }

  @Test
  void theTypeIsToldWhereTheEndpointStatesOne() {
    assertThat(of("x").message()).contains("with 1 bytes that cannot be read");
    assertThat(of("x").contentType()).isEmpty();
    assertThat(of("x").requestId()).isEqualTo("req");
    Unreadable page = of(new byte[] {'x'}, Map.of("content-type", "text/html"));
    assertThat(page.message()).contains("with 1 bytes of text/html that cannot be read");
  }

  @Test
  void aTextIsReadInTheEncodingThatIsStatedAndElseInUtf8() throws IOException {
    byte[] latin = "Gr\u00fc\u00dfe".getBytes(StandardCharsets.ISO_8859_1);
    byte[] utf8 = "Gr\u00fc\u00dfe".getBytes(StandardCharsets.UTF_8);

    assertThat(text(of(latin, Map.of("content-type", "text/plain; Charset=ISO-8859-1"))))
        .isEqualTo("Gr\u00fc\u00dfe");
    for (String stated : List.of("text/plain", "text/plain; charset=no-such", "x;charset=-")) {
      assertThat(text(of(utf8, Map.of("content-type", stated)))).isEqualTo("Gr\u00fc\u00dfe");
    }
    assertThat(Charset.isSupported("no-such")).isFalse();
  }
}
