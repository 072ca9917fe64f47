package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where a body stands in its line, and the few of its top-level keys that a batch has to know. */
final class BodyOutline {
  private final int start;
  private int end;
  private boolean empty = true;
  private boolean streams;
  private @Nullable String model;
  private boolean modelIsNotText;
  private int modelStart = -1;
  private int modelEnd = -1;
  private boolean hasEncodingFormat;
  private boolean hasAgentId;
  private int answerTokens = -1;

  private BodyOutline(int start) {
    this.start = start;
  }

  /** Reads from the body's opening brace, the parser's current token, to its closing one. */
  static BodyOutline read(JsonParser parser) throws IOException {
    BodyOutline outline = new BodyOutline((int) parser.currentTokenLocation().getByteOffset());
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      outline.empty = false;
      outline.readField(parser, parser.currentName());
    }
    outline.end = (int) parser.currentLocation().getByteOffset();
    return outline;
  }

  private void readField(JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    switch (name) {
      case "model" -> {
        modelStart = (int) parser.currentTokenLocation().getByteOffset();
        if (value == JsonToken.VALUE_STRING) {
          model = parser.getText();
        } else if (value == JsonToken.VALUE_NULL) {
          model = null;
        } else {
          modelIsNotText = true;
          parser.skipChildren();
        }
        modelEnd = (int) parser.currentLocation().getByteOffset();
      }
      case "stream" -> {
        streams |= value != JsonToken.VALUE_FALSE && value != JsonToken.VALUE_NULL;
        parser.skipChildren();
      }
      case "encoding_format" -> {
        hasEncodingFormat = true;
        parser.skipChildren();
      }
      case "agent_id" -> {
        hasAgentId = true;
        parser.skipChildren();
      }
      default -> {
        boolean limit =
            value == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && Endpoint.isAnswerLimit(name);
        if (limit) {
          answerTokens = Math.max(answerTokens, parser.getIntValue());
        } else {
          parser.skipChildren();
        }
      }
    }
  }

  boolean streams() {
    return streams;
  }

  /** The line's own model, or null where it names none. */
  @Nullable String model() {
    return model;
  }

  boolean modelIsNotText() {
    return modelIsNotText;
  }

  int answerTokens() {
    return answerTokens;
  }

  /** The model that is sent, or empty. */
  String effectiveModel(LineRules rules) {
    String jobModel = rules.model();
    if (jobModel != null && setsModel(rules)) {
      return jobModel;
    }
    return model == null ? "" : model;
  }

  private boolean setsModel(LineRules rules) {
    boolean lineNamesModel = model != null && !model.isEmpty();
    return rules.model() != null
        && !rules.model().equals(model)
        && (!lineNamesModel || rules.modelRule() == LineRules.ModelRule.JOB_WINS);
  }

  /** The bytes to send: the line's own, with what the job fills in spliced into place. */
  byte[] effective(byte[] line, int offset, LineRules rules, String path) {
    String jobModel = rules.model();
    boolean setModel = setsModel(rules);
    String encoding = rules.embeddingsEncoding();
    boolean setEncoding =
        encoding != null
            && !hasEncodingFormat
            && Endpoints.at(path).vectorEncodingField().isPresent();
    boolean setAgent = rules.agentId() != null && !hasAgentId;
    if (!setModel && !setEncoding && !setAgent) {
      return Arrays.copyOfRange(line, offset + start, offset + end);
    }
    Map<String, String> added = new LinkedHashMap<>();
    if (setEncoding) {
      added.put("encoding_format", String.valueOf(encoding));
    }
    if (setAgent) {
      added.put("agent_id", String.valueOf(rules.agentId()));
    }
    if (setModel && modelStart < 0) {
      added.put("model", String.valueOf(jobModel));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - start + 128);
    out.write('{');
    int written = 0;
    for (Map.Entry<String, String> field : added.entrySet()) {
      if (written++ > 0) {
        out.write(',');
      }
      out.writeBytes(quoted(field.getKey()));
      out.write(':');
      out.writeBytes(quoted(field.getValue()));
    }
    if (!added.isEmpty() && !empty) {
      out.write(',');
    }
    int from = start + 1;
    if (setModel && modelStart >= 0) {
      out.write(line, offset + from, modelStart - from);
      out.writeBytes(quoted(String.valueOf(jobModel)));
      from = modelEnd;
    }
    out.write(line, offset + from, end - from);
    return out.toByteArray();
  }

  private static byte[] quoted(String text) {
    byte[] escaped = JsonStringEncoder.getInstance().quoteAsUTF8(text);
    byte[] quoted = new byte[escaped.length + 2];
    quoted[0] = '"';
    System.arraycopy(escaped, 0, quoted, 1, escaped.length);
    quoted[quoted.length - 1] = '"';
    return quoted;
  }
}
