package io.batchinfer.table.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.schema.AnswerFit;
import io.batchinfer.schema.AnswerSchema;
import io.batchinfer.schema.InvalidSchemaException;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColumnSchemaTest {
  @Test
  void columnsAreAStrictObject() throws InvalidSchemaException {
    assertThat(
            ColumnSchema.ofDdl(
                "name STRING NOT NULL, score DOUBLE COMMENT 'of 10', tags ARRAY<STRING>"))
        .isEqualTo(
            """
            {"type":"object","properties":{"name":{"type":"string"},\
            "score":{"type":["number","null"],"description":"of 10"},\
            "tags":{"type":["array","null"],"items":{"type":"string"}}},\
            "required":["name","score","tags"],"additionalProperties":false}""");
  }

  @Test
  void answersToThemAreChecked() throws InvalidSchemaException {
    AnswerSchema schema =
        AnswerSchema.of(
            ColumnSchema.ofDdl(
                "day DATE NOT NULL, at STRUCT<x: INT, y: BOOLEAN>, m MAP<STRING, BIGINT>"));
    assertThat(
            AnswerFit.misfit(
                schema, "{\"day\":\"2024-02-29\",\"at\":{\"x\":1,\"y\":null},\"m\":{\"a\":2}}"))
        .isEmpty();
    assertThat(AnswerFit.misfit(schema, "{\"day\":\"2023-02-29\",\"at\":null,\"m\":null}"))
        .hasValueSatisfying(words -> assertThat(words).contains("/day"));
    assertThat(AnswerFit.misfit(schema, "{\"day\":\"2024-02-29\",\"at\":{\"x\":1},\"m\":{}}"))
        .hasValueSatisfying(words -> assertThat(words).contains("/at"));
    assertThat(AnswerFit.misfit(schema, "{\"day\":\"2024-02-29\",\"at\":null,\"m\":{\"a\":\"b\"}}"))
        .hasValueSatisfying(words -> assertThat(words).contains("/m/a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "name STRING",
        "a BIGINT,b DOUBLE,c BOOLEAN,d DATE,e TIMESTAMP",
        "tags ARRAY<STRING>,deep ARRAY<ARRAY<BIGINT>>",
        "one STRUCT<two: STRUCT<three: ARRAY<STRUCT<four: DOUBLE>>>>",
        "m MAP<STRING, ARRAY<BIGINT>>",
        "`a b` STRING,`ü` STRING"
      })
  void backAgainTheyAreWhatTheyWere(String ddl) throws InvalidSchemaException {
    assertThat(ParsedType.of(ColumnSchema.ofDdl(ddl))).isEqualTo(StructType.fromDDL(ddl));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          name STRINK | is not JSON Schema, and Spark does not read it as columns either
          b BINARY | has in column "b" the type binary, which JSON has nothing for
          a STRUCT<b: ARRAY<INTERVAL DAY TO SECOND>> | has in column "a.b[]" the type
          m MAP<INT, STRING> | has in column "m" the type map<int,string>
          a INT, a STRING | has two columns "a"
          """)
  void whatNoAnswerCanBe(String ddl, String words) {
    assertThatThrownBy(() -> ColumnSchema.ofDdl(ddl))
        .isInstanceOf(InvalidSchemaException.class)
        .hasMessageStartingWith(words);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          {"type":"integer"} | bigint
          {"type":["integer","number","null"]} | double
          {"type":["integer","string"]} | string
          {"enum":["a","b",null]} | string
          {"enum":[1,2]} | bigint
          {"enum":[1,"a"]} | string
          {"const":true} | boolean
          {} | string
          {"type":"object"} | string
          {"type":"array"} | array<string>
          {"type":"array","prefixItems":[{"type":"integer"}]} | array<string>
          {"anyOf":[{"type":"null"},{"type":"array","items":{"type":"number"}}]} | array<double>
          {"anyOf":[{"type":"string"},{"type":"integer"}]} | string
          {"properties":{"a":{"$ref":"#/$defs/x"}},"$defs":{"x":{"type":"boolean"}}} | struct<a:boolean>
          {"type":"object","properties":{"a":{"type":"string"},"A":{"type":"string"}}} | string
          {"type":"object","additionalProperties":{"type":"integer"}} | map<string,bigint>
          {"allOf":[{"type":"integer"}]} | bigint
          {"$ref":"#"} | string
          {"type":"string","format":"date-time"} | timestamp
          """)
  void jsonSchemaIsAColumn(String schema, String type) throws InvalidSchemaException {
    assertThat(ParsedType.of(schema).simpleString()).isEqualTo(type);
  }

  @Test
  void aSchemaWithinItselfEnds() throws InvalidSchemaException {
    String type =
        ParsedType.of("{\"type\":\"object\",\"properties\":{\"next\":{\"$ref\":\"#\"}}}")
            .simpleString();
    assertThat(type).startsWith("struct<next:struct<next:").contains("next:string>");
  }
}
