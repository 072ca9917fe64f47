package io.batchinfer.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.CharConversionException;
import java.io.IOException;

/** The one JSON factory: limits fit lines of many megabytes, nesting stays bounded. */
public final class Json {
  public static final int MAX_DEPTH = 500;

  public static final JsonFactory FACTORY =
      new JsonFactoryBuilder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.FAIL_ON_SYMBOL_HASH_OVERFLOW)
          // UTF-8 alone: in a line of another encoding no byte offset is known.
          .disable(JsonFactory.Feature.CHARSET_DETECTION)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(10_000)
                  .build())
          .build();

  public static final ObjectMapper MAPPER = new ObjectMapper(FACTORY);

  /** Bytes that tell UTF-16 and UTF-32 from UTF-8 are among the first so many. */
  private static final int TELLING_BYTES = 4;

  private Json() {}

  /**
   * Parses UTF-8 without a byte order mark. Says in so many words what is wrong with UTF-16 and
   * UTF-32, whose bytes would otherwise only be broken JSON.
   *
   * @throws CharConversionException if the bytes are evidently in another encoding
   */
  public static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    for (int i = offset; i < offset + Math.min(length, TELLING_BYTES); i++) {
      if (bytes[i] == 0 || bytes[i] == (byte) 0xfe || bytes[i] == (byte) 0xff) {
        throw new CharConversionException("not UTF-8");
      }
    }
    return FACTORY.createParser(bytes, offset, length);
  }
}
