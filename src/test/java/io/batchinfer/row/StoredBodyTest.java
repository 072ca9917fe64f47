package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StoredBodyTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private static String stored(String json) {
    byte[] stored = StoredBody.ofJson(json.getBytes(StandardCharsets.UTF_8));
    for (byte b : stored) {
      assertThat(b).isGreaterThanOrEqualTo((byte) ' ');
    }
    return new String(stored, StandardCharsets.US_ASCII);
  }

  private static List<String> numberSpellings(String json) throws IOException {
    List<String> found = new ArrayList<>();
    try (JsonParser parser = MAPPER.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token.isNumeric()) {
          found.add(parser.getText());
        }
      }
    }
    return found;
  }

  @Test
  void anyJsonIsStoredAsTheSameJsonOnOneAsciiLine() throws IOException {
    for (long seed = 0; seed < 3000; seed++) {
      String json = new RandomJson(seed).value(5);
      String stored = stored(json);
      assertThat(MAPPER.readTree(stored))
          .as("seed %d: %s", seed, json)
          .isEqualTo(MAPPER.readTree(json));
      assertThat(numberSpellings(stored)).as("seed %d", seed).isEqualTo(numberSpellings(json));
    }
  }

  @Test
  void aCompactAsciiBodyStaysAsItIs() {
    String body = "{\"a\":1.0,\"b\":\"\\u00e9\\/\", \"c\":[]}";
    assertThat(stored(body)).isEqualTo(body);
  }

  @Test
  void aByteOrderMarkIsDropped() {
    assertThat(stored("\uFEFF{\"a\":1}")).isEqualTo("{\"a\":1}");
  }

  @Test
  void loneSurrogateEscapesStayAsTheyAre() {
    assertThat(stored("{\"a\":\"\\ud800é\"}")).isEqualTo("{\"a\":\"\\ud800\\u00e9\"}");
  }

  @Test
  void aBodyThatIsNoJsonBecomesOneString() throws IOException {
    String text = "<html>\r\n\tGrüße \"x\" \\ \u0000 😀";
    byte[] stored = StoredBody.ofText(text.getBytes(StandardCharsets.UTF_8));
    assertThat(new String(stored, StandardCharsets.US_ASCII)).isPrintable();
    assertThat(MAPPER.readTree(stored).textValue()).isEqualTo(text);
  }
}
