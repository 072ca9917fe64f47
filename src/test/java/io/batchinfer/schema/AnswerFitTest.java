package io.batchinfer.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerFitTest {
  private static final String SCHEMA =
      """
      {"type": "object",
       "properties": {"name": {"type": "string"}, "score": {"type": "number", "maximum": 10}},
       "required": ["name", "score"], "additionalProperties": false}
      """;

  private static String verdict(String answer) throws InvalidSchemaException {
    return AnswerFit.misfit(AnswerSchema.of(SCHEMA), answer).orElse("fits");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"a\",\"score\":1}",
        " \n{\"score\": 9.5, \"name\": \"\"}\n",
        "{\"name\":\"\\ud83d\\ude00\",\"score\":-0.0}"
      })
  void whatFits(String answer) throws InvalidSchemaException {
    assertThat(verdict(answer)).isEqualTo("fits");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          ~~ | The answer is empty.
          {"name":"a"} | The answer is JSON that does not fit the schema: the whole: required property 'score' not found.
          {"name":"a","score":"1"} | The answer is JSON that does not fit the schema: /score: string found, number expected.
          {"name":"a","score":11} | The answer is JSON that does not fit the schema: /score: must have a maximum value of 10.
          {"name":"a","score":1,"x":2} | The answer is JSON that does not fit the schema: the whole: property 'x' is not defined in the schema and the schema does not allow additional properties.
          Here it is: {"name":"a","score":1} | The answer has text around its JSON, which by itself fits the schema.
          Here it is: {"name":"a"} Bye. | The answer has text around its JSON, which does not fit the schema either: the whole: required property 'score' not found.
          I cannot say {anything}. | The answer is text and not JSON.
          I am sorry. | The answer is text and not JSON.
          {"name":"a","sco | The answer is broken JSON
          {"name":"a","score":1} {"name":"b","score":2} | The answer is broken JSON
          42 | The answer is JSON that does not fit the schema: the whole: integer found, object expected.
          """)
  void whatDoesNot(String answer, String words) throws InvalidSchemaException {
    assertThat(verdict(answer == null ? "" : answer)).startsWith(words);
  }

  @Test
  void fences() throws InvalidSchemaException {
    assertThat(verdict("```json\n{\"name\":\"a\",\"score\":1}\n```"))
        .isEqualTo("The answer is JSON in a code fence (```), which by itself fits the schema.");
    assertThat(verdict("```\n{\"name\":\"a\"}\n```"))
        .startsWith("The answer is JSON in a code fence (```), which does not fit the schema");
    assertThat(verdict("```\nnothing\n```"))
        .isEqualTo("The answer is a code fence (```) without JSON in it.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"type": "objekt"} | is not valid JSON Schema: /type
          {"type": | is broken JSON
          [] | is JSON but no object
          {"$ref": "https://example.com/schema.json"} | cannot be used as a JSON Schema: it refers to "https://example.com/schema.json"
          {"$ref": "file:///etc/passwd"} | cannot be used as a JSON Schema: it refers to "file:///etc/passwd"
          {"$ref": "#/$defs/absent"} | cannot be used as a JSON Schema
          {"$schema": "https://example.com/draft"} | names a $schema
          {"pattern": "(["} | is not valid JSON Schema: /pattern
          """)
  void whatIsNoSchema(String text, String words) {
    assertThatThrownBy(() -> AnswerSchema.of(text))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageStartingWith(words);
  }

  @Test
  void everyDraftOfNoteIsKnown() throws InvalidSchemaException {
    for (String draft :
        new String[] {
          "http://json-schema.org/draft-04/schema#",
          "http://json-schema.org/draft-06/schema#",
          "http://json-schema.org/draft-07/schema#",
          "https://json-schema.org/draft/2019-09/schema",
          "https://json-schema.org/draft/2020-12/schema"
        }) {
      AnswerSchema schema =
          AnswerSchema.of("{\"$schema\":\"%s\",\"type\":\"integer\"}".formatted(draft));
      assertThat(AnswerFit.misfit(schema, "1")).as(draft).isEmpty();
      assertThat(AnswerFit.misfit(schema, "\"1\"")).as(draft).isPresent();
    }
  }

  @Test
  void theTextIsOneLineInAscii() throws InvalidSchemaException {
    assertThat(AnswerSchema.of("{\n \"description\": \"Größe\",\n \"type\": \"integer\" }").text())
        .isEqualTo("{\"description\":\"Gr\\u00f6\\u00dfe\",\"type\":\"integer\"}");
  }

  @Test
  void anAnswerNestedWithoutEndIsOneThatDoesNotFit() throws InvalidSchemaException {
    AnswerSchema schema =
        AnswerSchema.of("{\"type\":\"array\",\"items\":{\"$ref\":\"#\"},\"maxItems\":1}");
    assertThat(AnswerFit.misfit(schema, "[".repeat(100) + "]".repeat(100))).isEmpty();
    assertThat(AnswerFit.misfit(schema, "[".repeat(100_000) + "]".repeat(100_000))).isPresent();
  }
}
