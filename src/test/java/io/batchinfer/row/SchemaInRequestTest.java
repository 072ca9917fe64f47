package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.AnswerSchemaForm;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.row.LineRules.ModelRule;
import io.batchinfer.row.ParsedLine.Invalid;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.schema.AnswerSchema;
import io.batchinfer.schema.InvalidSchemaException;
import io.batchinfer.schema.SchemaRequest;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SchemaInRequestTest {
  private static final String SCHEMA = "{\"type\":\"integer\"}";
  private static final String NAMED =
      "\"name\":\"answer\",\"strict\":false,\"schema\":{\"type\":\"integer\"}";

  private static ParsedLine parse(AnswerSchemaForm form, String schema, String path, String body)
      throws InvalidSchemaException {
    SchemaRule rule =
        new SchemaRule(true, form.toString(), SchemaRequest.fields(AnswerSchema.of(schema), form));
    return parse(rule, path, body);
  }

  private static ParsedLine parse(SchemaRule rule, String path, String body) {
    byte[] line =
        "xx{\"custom_id\":\"a\",\"url\":\"%s\",\"body\":%s}"
            .formatted(path, body)
            .getBytes(StandardCharsets.UTF_8);
    return new RequestLineParser(
            new LineRules(
                null,
                Set.copyOf(EndpointPaths.KNOWN),
                "m",
                ModelRule.JOB_WINS,
                null,
                null,
                Set.of(),
                false,
                rule))
        .parse(line, 2, line.length - 2);
  }

  private static String sent(ParsedLine line) {
    assertThat(line).isInstanceOf(Request.class);
    return new String(((Request) line).body(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          STANDARD           | /v1/chat/completions | "response_format":{"type":"json_schema","json_schema":{NAMED}}
          STANDARD           | /v1/responses        | "text":{"format":{"type":"json_schema",NAMED}}
          STANDARD           | /v1/messages         | "output_config":{"format":{"type":"json_schema","schema":{"type":"integer"}}}
          JSON_OBJECT_SCHEMA | /v1/chat/completions | "response_format":{"type":"json_object","schema":{"type":"integer"}}
          JSON_OBJECT_VALUE  | /v1/chat/completions | "response_format":{"type":"json_object","value":{"type":"integer"}}
          GUIDED_JSON        | /v1/completions      | "guided_json":{"type":"integer"}
          STRUCTURED_OUTPUTS | /v1/chat/completions | "structured_outputs":{"json":{"type":"integer"}}
          JSON_SCHEMA        | /v1/completions      | "json_schema":{"type":"integer"}
          FORMAT             | /v1/chat/completions | "format":{"type":"integer"}
          """)
  void everyFormOfEveryEndpoint(AnswerSchemaForm form, String path, String field)
      throws InvalidSchemaException {
    assertThat(sent(parse(form, SCHEMA, path, "{\"model\":\"m\",\"n\":1}")))
        .isEqualTo("{" + field.replace("NAMED", NAMED) + ",\"model\":\"m\",\"n\":1}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"model":"x","text":{"verbosity":"low"},"n":1} | {"model":"m","text":{FORMAT,"verbosity":"low"},"n":1}
          {"text": {"verbosity":"low"},"model":"x"} | {"text": {FORMAT,"verbosity":"low"},"model":"m"}
          {"text":{},"model":"x"} | {"text":{FORMAT},"model":"m"}
          {"text":{ }} | {"model":"m","text":{FORMAT }}
          {} | {"model":"m","text":{FORMAT}}
          """)
  void whatStandsBesideTheFormStays(String body, String expected) throws InvalidSchemaException {
    assertThat(sent(parse(AnswerSchemaForm.STANDARD, SCHEMA, "/v1/responses", body)))
        .isEqualTo(
            expected.replace("FORMAT", "\"format\":{\"type\":\"json_schema\"," + NAMED + "}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          /v1/chat/completions | {"response_format":{"type":"text"}} | "response_format"
          /v1/chat/completions | {"response_format":null} | "response_format"
          /v1/chat/completions | {"guided_json":{}} | "guided_json"
          /v1/responses | {"text":{"format":{"type":"text"}}} | "text.format"
          /v1/responses | {"text":null} | "text.format"
          /v1/messages | {"output_config":{"format":1}} | "output_config.format"
          /v1/messages | {"output_format":{}} | "output_format"
          /v1/completions | {} | has no place for the answer schema in the form standard
          /v1/embeddings | {} | answers no text
          """)
  void linesThatCannotTakeIt(String path, String body, String words) throws InvalidSchemaException {
    ParsedLine line = parse(AnswerSchemaForm.STANDARD, SCHEMA, path, body);

    assertThat(line).isInstanceOf(Invalid.class);
    assertThat(((Invalid) line).code()).isEqualTo(ErrorCode.UNSUPPORTED_ANSWER_SCHEMA);
    assertThat(((Invalid) line).message()).contains(words);
  }

  @Test
  void whoOnlyChecksSendsLinesAsTheyAre() {
    String body = "{\"model\":\"m\",\"response_format\":{\"type\":\"text\"}}";

    assertThat(sent(parse(SchemaRule.CHECK_ONLY, "/v1/chat/completions", body))).isEqualTo(body);
    assertThat(sent(parse(SchemaRule.CHECK_ONLY, "/v1/completions", "{\"model\":\"m\"}")))
        .isEqualTo("{\"model\":\"m\"}");
    assertThat(parse(SchemaRule.CHECK_ONLY, "/v1/rerank", body)).isInstanceOf(Invalid.class);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"type":"object","properties":{"a":{"type":["string","null"]}},"required":["a"],"additionalProperties":false} | true
          {"type":"object","properties":{"a":{"$ref":"#/$defs/b"}},"required":["a"],"additionalProperties":false,"$defs":{"b":{"type":"array","items":{"anyOf":[{"type":"integer"},{"type":"null"}]}}}} | true
          {"type":"object","properties":{"a":{"type":"string"}},"required":["a"]} | false
          {"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false} | false
          {"type":"object","properties":{"a":{"type":"object"}},"required":["a"],"additionalProperties":false} | false
          {"type":"object","properties":{"a":{"oneOf":[{"type":"string"}]}},"required":["a"],"additionalProperties":false} | false
          {"type":"array","items":{"type":"string"}} | false
          """)
  void strictIsWhatHasTheShapeOfIt(String schema, boolean strict) throws InvalidSchemaException {
    assertThat(sent(parse(AnswerSchemaForm.STANDARD, schema, "/v1/chat/completions", "{}")))
        .contains("\"strict\":" + strict);
  }

  @Test
  void theTitleIsTheName() throws InvalidSchemaException {
    assertThat(
            sent(
                parse(
                    AnswerSchemaForm.STANDARD,
                    "{\"title\":\"Größe & Gewicht\"}",
                    "/v1/chat/completions",
                    "{}")))
        .contains("\"name\":\"Gr_e_Gewicht\"");
  }
}
