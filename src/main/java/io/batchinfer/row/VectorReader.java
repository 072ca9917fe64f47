package io.batchinfer.row;

import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamReadException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a vector that is written as numbers or as base64 of little-endian 32-bit floats, as {@code
 * encoding_format} asks for. Not thread-safe; to be reused.
 *
 * @see <a href="https://platform.openai.com/docs/api-reference/embeddings/create">encoding_format
 *     of embeddings</a>
 */
final class VectorReader {
  private static final int USUAL = 1 << 11;

  private float[] numbers = new float[USUAL];

  /** The vector that the parser stands on; null where that is none, and is passed over. */
  float @Nullable [] read(JsonParser parser) throws IOException {
    if (parser.currentToken() == JsonToken.START_ARRAY) {
      return ofNumbers(parser);
    }
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      return ofBase64(parser);
    }
    parser.skipChildren();
    return null;
  }

  private float @Nullable [] ofNumbers(JsonParser parser) throws IOException {
    int count = 0;
    boolean vector = true;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      if (vector && parser.currentToken().isNumeric()) {
        if (count == numbers.length) {
          numbers = Arrays.copyOf(numbers, 2 * count);
        }
        numbers[count++] = parser.getFloatValue();
      } else {
        vector = false;
        parser.skipChildren();
      }
    }
    return vector ? Arrays.copyOf(numbers, count) : null;
  }

  private static float @Nullable [] ofBase64(JsonParser parser) throws IOException {
    byte[] bytes;
    try {
      bytes = parser.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS);
    } catch (StreamReadException e) {
      // A text, but no base64.
      return null;
    }
    if (bytes.length % Float.BYTES != 0) {
      return null;
    }
    float[] vector = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(vector);
    return vector;
  }
}
