package io.batchinfer.row;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import io.batchinfer.schema.SchemaField;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Where a body stands in its line, and the few of its top-level keys that a batch has to know. */
final class BodyOutline {
  private final int start;
  private final PromptOutline prompt;
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
  private boolean coldest;
  private boolean seeded;

  /** The first field that says what form the answer is to have; null where there is none. */
  private @Nullable String answerForm;

  /** Fields that may hold such a field beside others. */
  private @Nullable Map<String, FormHolder> formHolders;

  private BodyOutline(int start) {
    this.start = start;
    this.prompt = new PromptOutline(start);
  }

  /** Reads from the body's opening brace, the parser's current token, to its closing one. */
  static BodyOutline read(JsonParser parser) throws IOException {
    BodyOutline outline = new BodyOutline((int) parser.currentTokenLocation().getByteOffset());
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      outline.empty = false;
      outline.prompt.next(parser);
      outline.readField(parser, parser.currentName());
    }
    outline.prompt.next(parser);
    outline.end = (int) parser.currentLocation().getByteOffset();
    return outline;
  }

  private void readField(JsonParser parser, String name) throws IOException {
    JsonToken value = parser.nextToken();
    switch (name) {
      case "model" -> {
        prompt.model(parser);
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
      case "temperature" -> {
        coldest = value.isNumeric() && parser.getDoubleValue() == 0;
        parser.skipChildren();
      }
      case "seed", "random_seed" -> {
        seeded |= value != JsonToken.VALUE_NULL;
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
      case "response_format",
          "output_format",
          "structured_outputs",
          "guided_json",
          "guided_regex",
          "guided_choice",
          "guided_grammar",
          "json_schema",
          "grammar",
          "format" -> {
        answerForm = answerForm == null ? name : answerForm;
        parser.skipChildren();
      }
      case "text", "output_config" -> {
        if (formHolders == null) {
          formHolders = new HashMap<>();
        }
        formHolders.put(name, FormHolder.read(parser));
      }
      default -> {
        boolean limit =
            value == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT
                && Endpoint.isAnswerLimit(name);
        if (limit) {
          answerTokens = Math.max(answerTokens, parser.getIntValue());
        } else {
          prompt.value(name, parser);
        }
      }
    }
  }

  PromptOutline prompt() {
    return prompt;
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

  /** Whether the line itself takes chance out of its answer: no temperature, or a seed. */
  boolean isDetermined() {
    return coldest || seeded;
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

  /** Why a request cannot say what schema its answer is to fit; empty where it can. */
  Optional<String> schemaProblem(SchemaRule rule, String path) {
    if (!Endpoints.at(path).writesText()) {
      return Optional.of(
          "The job has an answer schema, but \"%s\" answers no text that could fit it; give such lines to a job without --answer-schema."
              .formatted(path));
    }
    if (!rule.inRequests()) {
      return Optional.empty();
    }
    SchemaField field = rule.fields().get(path);
    if (field == null) {
      return Optional.of(
          "A request to \"%s\" has no place for the answer schema in the form %s; give another --answer-schema-form, or leave requests alone with --answer-schema-mode check."
              .formatted(path, rule.form()));
    }
    FormHolder holder = holder(field);
    String stated = holder != null && !holder.takes(field) ? field.toString() : answerForm;
    return stated == null
        ? Optional.empty()
        : Optional.of(
            "The line states the form of its answer itself (\"%s\") while the job has an answer schema; take it out of the line, or leave requests alone with --answer-schema-mode check."
                .formatted(stated));
  }

  private @Nullable FormHolder holder(SchemaField field) {
    return formHolders == null || field.inner().isEmpty() ? null : formHolders.get(field.name());
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
    SchemaField schema =
        rules.answerSchema() == null ? null : rules.answerSchema().fields().get(path);
    if (!setModel && !setEncoding && !setAgent && schema == null) {
      return Arrays.copyOfRange(line, offset + start, offset + end);
    }
    prompt.moved();
    FormHolder holder = schema == null ? null : holder(schema);
    Map<String, byte[]> added = new LinkedHashMap<>();
    if (setEncoding) {
      added.put("encoding_format", quoted(String.valueOf(encoding)));
    }
    if (setAgent) {
      added.put("agent_id", quoted(String.valueOf(rules.agentId())));
    }
    if (setModel && modelStart < 0) {
      added.put("model", quoted(String.valueOf(jobModel)));
    }
    if (schema != null && holder == null) {
      added.put(schema.name(), wrapped(schema));
    }
    int more = schema == null ? 0 : schema.value().length;
    ByteArrayOutputStream out = new ByteArrayOutputStream(end - start + 128 + more);
    out.write('{');
    int written = 0;
    for (Map.Entry<String, byte[]> field : added.entrySet()) {
      if (written++ > 0) {
        out.write(',');
      }
      out.writeBytes(quoted(field.getKey()));
      out.write(':');
      out.writeBytes(field.getValue());
    }
    if (!added.isEmpty() && !empty) {
      out.write(',');
    }
    int from = start + 1;
    boolean modelFirst = holder == null || modelStart < holder.start();
    for (int i = 0; i < 2; i++) {
      if (setModel && modelStart >= 0 && modelFirst == (i == 0)) {
        out.write(line, offset + from, modelStart - from);
        out.writeBytes(quoted(String.valueOf(jobModel)));
        from = modelEnd;
      }
      if (schema != null && holder != null && modelFirst == (i == 1)) {
        out.write(line, offset + from, holder.start() - from);
        out.writeBytes(quoted(schema.inner().orElseThrow()));
        out.write(':');
        out.writeBytes(schema.value());
        if (!holder.empty()) {
          out.write(',');
        }
        from = holder.start();
      }
    }
    out.write(line, offset + from, end - from);
    return out.toByteArray();
  }

  /** The value of a field that is not there yet. */
  private static byte[] wrapped(SchemaField field) {
    if (field.inner().isEmpty()) {
      return field.value();
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(field.value().length + 32);
    out.write('{');
    out.writeBytes(quoted(field.inner().get()));
    out.write(':');
    out.writeBytes(field.value());
    out.write('}');
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
