package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.batchinfer.json.Json;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.RowOutcome.Unreadable;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a row ended, as its line of {@code results/} or {@code errors/} tells: what {@link
 * ResultLineWriter} made that line of.
 *
 * @param id of the line
 * @param outcome with the tokens that the body reports, and without their cost
 * @param model that the answer names, or empty
 * @param isCopy whether the row has its answer from elsewhere
 */
public record RecordedOutcome(String id, RowOutcome outcome, String model, boolean isCopy) {
  private static final byte[] NOTHING = {};

  /**
   * Reads a line.
   *
   * @param line with its line end or without
   * @param path canonical path of the endpoint that the row went to, which says where tokens stand
   *     in an answer; empty where it is not known
   * @throws IllegalArgumentException if it is no such line
   */
  public static RecordedOutcome read(byte[] line, String path) {
    try (JsonParser parser = Json.FACTORY.createParser(line)) {
      Line read = new Line(line);
      read.read(parser);
      RowOutcome outcome = read.outcome(path);
      return new RecordedOutcome(read.id, outcome, read.model, read.copied);
    } catch (IOException e) {
      throw new IllegalArgumentException("no line of results: " + e.getMessage(), e);
    }
  }

  /** The same with another outcome. */
  public RecordedOutcome with(RowOutcome other) {
    return new RecordedOutcome(id, other, model, isCopy);
  }

  private static final class Line {
    private final byte[] bytes;
    private String id = "";
    private boolean answered;
    private int status;
    private String requestId = "";
    private @Nullable String contentType;
    private byte[] body = NOTHING;
    private boolean failed;
    private String code = "";
    private String message = "";
    private @Nullable String param;
    private String model = "";
    private boolean copied;

    Line(byte[] bytes) {
      this.bytes = bytes;
    }

    void read(JsonParser parser) throws IOException {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("it is no object");
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "id" -> id = parser.getText();
          case "response" -> {
            if (value == JsonToken.START_OBJECT) {
              answered = true;
              readResponse(parser);
            }
          }
          case "error" -> {
            if (value == JsonToken.START_OBJECT) {
              failed = true;
              readError(parser);
            }
          }
          case ResultLineWriter.DEDUPLICATED_FROM, ResultLineWriter.REUSED_FROM -> copied = true;
          default -> parser.skipChildren();
        }
      }
      if (id.isEmpty() || !(answered || failed)) {
        throw new IOException("it says nothing of an outcome");
      }
    }

    private void readResponse(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        parser.nextToken();
        switch (name) {
          case "status_code" -> status = parser.getIntValue();
          case "request_id" -> requestId = parser.getText();
          case "content_type" -> contentType = parser.getText();
          case "body" -> {
            int start = (int) parser.currentTokenLocation().getByteOffset();
            parser.skipChildren();
            if (parser.currentToken().isScalarValue()) {
              parser.finishToken();
            }
            body = Arrays.copyOfRange(bytes, start, (int) parser.currentLocation().getByteOffset());
          }
          default -> parser.skipChildren();
        }
      }
    }

    private void readError(JsonParser parser) throws IOException {
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        switch (name) {
          case "code" -> code = parser.getText();
          case "message" -> message = parser.getText();
          case "param" -> param = value == JsonToken.VALUE_NULL ? null : parser.getText();
          default -> parser.skipChildren();
        }
      }
    }

    RowOutcome outcome(String path) throws IOException {
      if (!answered) {
        return new Unanswered(codeOfOurs(), message, param);
      }
      if (contentType != null) {
        return new Unreadable(status, ownRequestId(), contentType, body, message);
      }
      ReplyFacts facts = ReplyReader.read(path, body);
      model = facts.model();
      boolean success = status >= 200 && status < 300 && !facts.isError();
      Answered answer =
          new Answered(
              status,
              ownRequestId(),
              body,
              facts.usage(),
              facts.marks(),
              success ? "" : facts.refusal(status));
      return failed ? new Unfit(answer, new Misfit(codeOfOurs(), message)) : answer;
    }

    private ErrorCode codeOfOurs() throws IOException {
      return ErrorCode.find(code)
          .orElseThrow(() -> new IOException("its error code is \"" + code + "\""));
    }

    /** Where the endpoint gave none, the line has one that is made of its own id. */
    private String ownRequestId() {
      return requestId.equals(ResultLineWriter.madeRequestId(id)) ? "" : requestId;
    }
  }
}
