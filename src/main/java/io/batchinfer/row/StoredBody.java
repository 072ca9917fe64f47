package io.batchinfer.row;

import io.batchinfer.json.AsciiJson;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Makes the stored form of an answer's body. */
public final class StoredBody {
  private StoredBody() {}

  /**
   * A JSON body on one line in ASCII; number spellings and unknown keys stay as the server wrote
   * them.
   */
  public static byte[] ofJson(byte[] json) {
    return AsciiJson.compact(json);
  }

  /** A body that is not JSON, as one JSON string. */
  public static byte[] ofText(byte[] text) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(text.length + 16);
    AsciiJson.writeString(new String(text, StandardCharsets.UTF_8), out);
    return out.toByteArray();
  }
}
