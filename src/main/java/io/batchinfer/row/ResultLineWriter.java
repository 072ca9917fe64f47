package io.batchinfer.row;

import io.batchinfer.json.AsciiJson;
import io.batchinfer.model.AnswerSource;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.RowId;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.RowOutcome.Unreadable;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Renders a settled row as one line of {@code results/} or {@code errors/}, line end included. Keys
 * stand in a fixed order, {@code id} and {@code custom_id} first, which {@link ResultLineReader}
 * relies on. Thread-safe.
 */
public final class ResultLineWriter {
  static final String DEDUPLICATED_FROM = "deduplicated_from";
  static final String REUSED_FROM = "reused_from";

  private static final byte[] ID = ascii("{\"id\":\"");
  private static final byte[] CUSTOM_ID = ascii("\",\"custom_id\":");
  private static final byte[] STATUS = ascii(",\"response\":{\"status_code\":");
  private static final byte[] REQUEST_ID = ascii(",\"request_id\":");
  private static final byte[] BODY = ascii(",\"body\":");
  private static final byte[] CONTENT_TYPE = ascii(",\"content_type\":");
  private static final byte[] ERROR = ascii("},\"error\":{\"code\":");
  private static final byte[] NO_ERROR = ascii("},\"error\":null");
  private static final byte[] NO_RESPONSE = ascii(",\"response\":null,\"error\":{\"code\":");
  private static final byte[] MESSAGE = ascii(",\"message\":");
  private static final byte[] PARAM = ascii(",\"param\":");
  private static final byte[] INPUT = ascii(",\"input\":{\"file\":");
  private static final byte[] LINE = ascii(",\"line\":");
  private static final byte[] NOTHING = {};
  private static final byte[] NULL = ascii("null");

  private final RowKey keys;
  private final List<String> files;

  /**
   * @param files input files by number, as error rows show them
   */
  public ResultLineWriter(RowKey keys, List<String> files) {
    this.keys = keys;
    this.files = List.copyOf(files);
  }

  /** The line of a row that was sent, or that ended without being sent. */
  public byte[] render(RowId row, @Nullable String customId, RowOutcome outcome) {
    return render(row, customId, outcome, NOTHING);
  }

  /**
   * The line of a row that has its answer from elsewhere.
   *
   * @param from what the line says of that: the id of an equal row's line, or an output and a line
   *     in it
   */
  public byte[] renderCopy(
      RowId row, @Nullable String customId, RowOutcome outcome, AnswerSource source, String from) {
    ByteArrayOutputStream copied = new ByteArrayOutputStream(128);
    String key = source == AnswerSource.EQUAL_ROW ? DEDUPLICATED_FROM : REUSED_FROM;
    copied.writeBytes(ascii(",\"" + key + "\":"));
    AsciiJson.writeString(from, copied);
    return render(row, customId, outcome, copied.toByteArray());
  }

  private byte[] render(
      RowId row, @Nullable String customId, RowOutcome outcome, byte[] afterError) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    String id = keys.of(row);
    out.writeBytes(ID);
    out.writeBytes(ascii(id));
    out.writeBytes(CUSTOM_ID);
    writeText(customId, out);
    byte[] body = NOTHING;
    int bodyAt = 0;
    if (outcome instanceof Answered answered) {
      writeHead(answered.status(), answered.requestId(), id, out);
      out.writeBytes(BODY);
      body = answered.body();
      bodyAt = out.size();
      out.writeBytes(NO_ERROR);
    } else if (outcome instanceof Unfit unfit) {
      writeHead(unfit.answer().status(), unfit.answer().requestId(), id, out);
      out.writeBytes(BODY);
      body = unfit.answer().body();
      bodyAt = out.size();
      out.writeBytes(ERROR);
      writeError(unfit.misfit().code(), unfit.misfit().message(), null, out);
    } else if (outcome instanceof Unreadable unreadable) {
      writeHead(unreadable.status(), unreadable.requestId(), id, out);
      out.writeBytes(CONTENT_TYPE);
      AsciiJson.writeString(unreadable.contentType(), out);
      out.writeBytes(BODY);
      out.writeBytes(unreadable.text());
      out.writeBytes(ERROR);
      writeError(ErrorCode.INVALID_RESPONSE, unreadable.message(), null, out);
    } else if (outcome instanceof Unanswered unanswered) {
      out.writeBytes(NO_RESPONSE);
      writeError(unanswered.code(), unanswered.message(), unanswered.param(), out);
    }
    out.writeBytes(afterError);
    if (!outcome.isSuccess()) {
      out.writeBytes(INPUT);
      AsciiJson.writeString(files.get(row.file()), out);
      out.writeBytes(LINE);
      out.writeBytes(ascii(Long.toString(row.line())));
      out.write('}');
    }
    out.write('}');
    out.write('\n');
    return insert(body, out.toByteArray(), bodyAt);
  }

  /** A body may be large: it is copied once, into its line. */
  private static byte[] insert(byte[] body, byte[] around, int at) {
    byte[] line = Arrays.copyOf(around, around.length + body.length);
    System.arraycopy(body, 0, line, at, body.length);
    System.arraycopy(around, at, line, at + body.length, around.length - at);
    return line;
  }

  private static void writeHead(
      int status, String requestId, String id, ByteArrayOutputStream out) {
    out.writeBytes(STATUS);
    out.writeBytes(ascii(Integer.toString(status)));
    out.writeBytes(REQUEST_ID);
    AsciiJson.writeString(requestId.isEmpty() ? madeRequestId(id) : requestId, out);
  }

  /** What stands for the request's id where the endpoint gave none. */
  static String madeRequestId(String id) {
    return "req_" + id.substring(Math.min(id.length(), RowKey.PREFIX.length()));
  }

  private static void writeError(
      ErrorCode code, String message, @Nullable String param, ByteArrayOutputStream out) {
    AsciiJson.writeString(code.code(), out);
    out.writeBytes(MESSAGE);
    AsciiJson.writeString(message, out);
    out.writeBytes(PARAM);
    writeText(param, out);
    out.write('}');
  }

  private static void writeText(@Nullable String text, ByteArrayOutputStream out) {
    if (text == null) {
      out.writeBytes(NULL);
    } else {
      AsciiJson.writeString(text, out);
    }
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
