package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads a line that {@link ResultLineWriter} wrote for what is wanted of it, and no further. Holds
 * the last line that was read. Not thread-safe.
 */
public final class ResultAnswer {
  private static final int LOWEST_SUCCESS = 200;
  private static final int LOWEST_OTHER = 300;

  private final String path;
  private final AnswerBody answer;
  private final boolean headOnly;

  private byte[] bytes = {};
  private int start;
  private String id = "";
  private @Nullable String customId;
  private boolean answered;
  private int status;
  private int bodyStart;
  private int bodyLength;
  private @Nullable String errorCode;
  private @Nullable String errorMessage;

  /**
   * @param path canonical path of the endpoint that most rows go to, which tells errors that come
   *     with a status of success; empty where none is known
   */
  public ResultAnswer(Set<AnswerPart> wanted, String path) {
    this.path = path;
    this.answer = new AnswerBody(wanted);
    this.headOnly = wanted.isEmpty();
  }

  /**
   * Reads a line.
   *
   * @throws IOException if it is cut off, or is none of these lines
   */
  public void read(byte[] line, int offset, int length) throws IOException {
    bytes = line;
    start = offset;
    customId = null;
    answered = false;
    status = 0;
    bodyLength = 0;
    errorCode = null;
    errorMessage = null;
    answer.clear();
    try (JsonParser parser = Json.FACTORY.createParser(line, offset, length)) {
      // Vectors are thousands of numbers.
      parser.enable(JsonParser.Feature.USE_FAST_DOUBLE_PARSER);
      readHead(parser);
      if (!headOnly) {
        readRest(parser);
      }
    }
  }

  private void readHead(JsonParser parser) throws IOException {
    boolean fits =
        parser.nextToken() == JsonToken.START_OBJECT
            && "id".equals(parser.nextFieldName())
            && parser.nextToken() == JsonToken.VALUE_STRING;
    if (fits) {
      id = parser.getText();
      fits = "custom_id".equals(parser.nextFieldName());
    }
    JsonToken value = fits ? parser.nextToken() : null;
    if (value == JsonToken.VALUE_STRING) {
      customId = parser.getText();
    } else if (value != JsonToken.VALUE_NULL) {
      throw new IOException("no result line");
    }
  }

  private void readRest(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("response") && value == JsonToken.START_OBJECT) {
        answered = true;
        readResponse(parser);
      } else if (name.equals("error") && value == JsonToken.START_OBJECT) {
        readError(parser);
      } else {
        parser.skipChildren();
      }
    }
    if (parser.currentToken() != JsonToken.END_OBJECT) {
      throw new IOException("a cut result line");
    }
  }

  private void readResponse(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (name.equals("status_code") && value == JsonToken.VALUE_NUMBER_INT) {
        status = parser.getIntValue();
      } else if (name.equals("body")) {
        readBody(parser);
      } else {
        parser.skipChildren();
      }
    }
  }

  private void readBody(JsonParser parser) throws IOException {
    bodyStart = (int) parser.currentTokenLocation().getByteOffset();
    if (answer.isWanted()) {
      answer.read(parser);
    } else {
      parser.skipChildren();
    }
    if (parser.currentToken().isScalarValue()) {
      // A text is only read to its end when somebody wants it.
      parser.finishToken();
    }
    bodyLength = (int) parser.currentLocation().getByteOffset() - bodyStart;
  }

  private void readError(JsonParser parser) throws IOException {
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (value == JsonToken.VALUE_STRING && name.equals("code")) {
        errorCode = parser.getText();
      } else if (value == JsonToken.VALUE_STRING && name.equals("message")) {
        errorMessage = parser.getText();
      } else {
        parser.skipChildren();
      }
    }
  }

  /** {@code id} of the line. */
  public String id() {
    return id;
  }

  public @Nullable String customId() {
    return customId;
  }

  /** What the model wrote, or null. */
  public @Nullable String text() {
    return isAnswer() ? answer.text() : null;
  }

  /** The first vector, or null. */
  public float @Nullable [] vector() {
    return isAnswer() ? answer.vector() : null;
  }

  /** How the answer ended, in the endpoint's word, or null. */
  public @Nullable String ending() {
    return isAnswer() ? answer.ending() : null;
  }

  /** Tokens that the body reports; none where it reports none. */
  public Usage usage() {
    return answered ? ReplyReader.read("", body()).usage() : Usage.NONE;
  }

  /** Also of a row that failed since its answer does not fit: what the model wrote is there. */
  private boolean isAnswer() {
    return status >= LOWEST_SUCCESS && status < LOWEST_OTHER;
  }

  /** Where in the line's bytes the answer's body starts. */
  public int bodyStart() {
    return start + bodyStart;
  }

  /** Bytes of the answer's body, 0 where there is no answer. */
  public int bodyLength() {
    return bodyLength;
  }

  private byte[] body() {
    return Arrays.copyOfRange(bytes, bodyStart(), bodyStart() + bodyLength);
  }

  /** Why a row has failed. */
  public record Failure(String code, String message) {}

  /** Why the row has failed: in this program's words, or in the endpoint's. */
  public Failure failure() {
    if (errorCode != null) {
      return new Failure(errorCode, errorMessage == null ? "" : errorMessage);
    }
    ReplyFacts facts = ReplyReader.read(path, body());
    String message = facts.errorMessage();
    if (message.isEmpty()) {
      message = textOf(body());
    }
    return new Failure(
        facts.refusal(status),
        message.isEmpty() ? "The endpoint answered with status " + status + "." : message);
  }

  /**
   * The text of a body that is no more than a text, which is what an endpoint sends without JSON.
   */
  private static String textOf(byte[] body) {
    try (JsonParser parser = Json.FACTORY.createParser(body)) {
      return parser.nextToken() == JsonToken.VALUE_STRING ? parser.getText() : "";
    } catch (IOException e) {
      return "";
    }
  }
}
