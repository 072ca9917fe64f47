package io.batchinfer.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.BatchDialect;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The lines of a file of requests, in both forms. */
class RequestFileTest {
  private static final byte[] BODY = "{\"a\":\n\"x\\ny\"\r}".getBytes(UTF_8);

  private static String written(BatchDialect dialect) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    RequestFile file = new RequestFile(out, dialect);
    file.add(RowName.key(7, 8), "/v1/chat/completions", BODY);
    assertThat(file.bytes()).isEqualTo(out.size());
    return out.toString(UTF_8);
  }

  @Test
  void eachDialectHasItsForm() throws IOException {
    assertThat(written(BatchDialect.OPENAI))
        .isEqualTo(
            "{\"custom_id\":\"r7-8\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"a\": \"x\\ny\" }}\n");
    assertThat(written(BatchDialect.MISTRAL))
        .isEqualTo("{\"custom_id\":\"r7-8\",\"body\":{\"a\": \"x\\ny\" }}\n");
  }

  @Test
  void aLineIsAsLongAsWasSaidBefore() throws IOException {
    assertThat(RequestFile.lineBytes(RowName.key(7, 8), "/v1/chat/completions", BODY))
        .isEqualTo(written(BatchDialect.OPENAI).length());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{\"input\":\"a\"};1",
        "{\"input\":[\"a\",\"b\",\"c\"]};3",
        "{\"model\":\"m\",\"x\":[1,[2]],\"input\":[[1,2],[3]]};2",
        "{\"input\":[1,2,3]};1",
        "{\"input\":[]};1",
        "{\"other\":[\"a\",\"b\"]};1"
      })
  void inputsAreCounted(String body, long inputs) {
    assertThat(RequestInputs.count(body.getBytes(UTF_8), "input")).isEqualTo(inputs);
  }
}
