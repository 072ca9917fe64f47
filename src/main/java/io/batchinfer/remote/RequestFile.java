package io.batchinfer.remote;

import io.batchinfer.config.BatchDialect;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes the lines of a batch's file of requests. In OpenAI's form, which names the endpoint in
 * each, or in Mistral's, which does not.
 */
public final class RequestFile {
  private final OutputStream out;
  private final BatchDialect dialect;
  private long bytes;

  public RequestFile(OutputStream out, BatchDialect dialect) {
    this.out = out;
    this.dialect = dialect;
  }

  /**
   * Writes a row.
   *
   * @param body one JSON object; white space that breaks lines becomes blanks
   */
  public void add(long key, String endpoint, byte[] body) throws IOException {
    byte[] head = head(key, endpoint, dialect);
    out.write(head);
    out.write(onOneLine(body));
    out.write('}');
    out.write('\n');
    bytes += head.length + body.length + 2L;
  }

  /** Bytes that were written. */
  public long bytes() {
    return bytes;
  }

  /** Bytes of a row's line, with its line end, in the longer of both forms. */
  public static long lineBytes(long key, String endpoint, byte[] body) {
    return head(key, endpoint, BatchDialect.OPENAI).length + body.length + 2L;
  }

  private static byte[] head(long key, String endpoint, BatchDialect dialect) {
    String name = "{\"custom_id\":\"" + RowName.of(key) + "\"";
    return (dialect == BatchDialect.MISTRAL
            ? name + ",\"body\":"
            : name + ",\"method\":\"POST\",\"url\":\"" + endpoint + "\",\"body\":")
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Line breaks in JSON are white space between its tokens, never inside a text. */
  private static byte[] onOneLine(byte[] body) {
    byte[] line = body;
    for (int i = 0; i < body.length; i++) {
      if (body[i] == '\n' || body[i] == '\r') {
        if (line == body) {
          line = body.clone();
        }
        line[i] = ' ';
      }
    }
    return line;
  }
}
