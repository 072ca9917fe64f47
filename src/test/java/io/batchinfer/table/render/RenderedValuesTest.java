package io.batchinfer.table.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What stands for a value of each type in a template. */
class RenderedValuesTest extends RenderedTable {

  @Test
  void valuesOfEveryTypeStandAsTheDocumentationSays() throws Exception {
    sqlContext().setConf("spark.sql.session.timeZone", "Europe/Berlin");
    try {
      assertText("TINYINT(-1)", "-1");
      assertText("9223372036854775807", "9223372036854775807");
      assertText("CAST('1.50' AS DECIMAL(10,3))", "1.500");
      assertText("1e10D", "1.0E10");
      assertText("CAST('NaN' AS DOUBLE)", "NaN");
      assertText("true", "true");
      assertText("DATE'2026-11-28'", "2026-11-28");
      assertText("DATE'1582-10-10'", "1582-10-10");
      assertText("TIMESTAMP'2026-11-28 15:51:40'", "2026-11-28T15:51:40+01:00");
      assertText("TIMESTAMP'2026-07-28 15:51:40.120'", "2026-07-28T15:51:40.12+02:00");
      assertText("TIMESTAMP'1890-01-01 00:00:00'", "1890-01-01T00:00:00+00:53:28");
      assertText("TIMESTAMP_NTZ'2026-11-28 15:51:40.000001'", "2026-11-28T15:51:40.000001");
      assertText("INTERVAL '1 02:03:04' DAY TO SECOND", "INTERVAL '1 02:03:04' DAY TO SECOND");
      assertText("INTERVAL '1-2' YEAR TO MONTH", "INTERVAL '1-2' YEAR TO MONTH");
      assertText("parse_json('{\"a\":[1,null]}')", "{\"a\":[1,null]}");
      assertText("array(1, NULL, 3)", "[1,null,3]");
      assertText(
          "named_struct('a', 'x\"', 'b', CAST(NULL AS INT))", "{\"a\":\"x\\\"\",\"b\":null}");
      assertText("map('k', 1.50, 'n', NULL)", "{\"k\":1.50,\"n\":null}");
      assertText("map(DATE'2026-11-28', 1)", "{\"2026-11-28\":1}");
      assertText(
          "map(7, array(TIMESTAMP'2026-11-28 15:51:40'))",
          "{\"7\":[\"2026-11-28T15:51:40+01:00\"]}");
      assertText(
          "named_struct('d', DATE'2026-11-28', 's', named_struct('t', TIMESTAMP_NTZ'2026-11-28 15:51:40'), 'z', CAST(NULL AS STRUCT<d: DATE>))",
          "{\"d\":\"2026-11-28\",\"s\":{\"t\":\"2026-11-28T15:51:40\"},\"z\":null}");
      assertText(
          "array(named_struct('d', DATE'2026-11-28'), NULL)", "[{\"d\":\"2026-11-28\"},null]");
      assertText("map(named_struct('a', 1), 2)", "{\"{\\\"a\\\":1}\":2}");
      assertText("array()", "[]");
    } finally {
      sqlContext().sparkSession().conf().unset("spark.sql.session.timeZone");
    }
  }

  private void assertText(String expression, String text) throws Exception {
    String body =
        body("SELECT " + expression + " AS v", "endpoint", "/v1/completions", "prompt", "{v}");
    JsonNode tree = Json.MAPPER.readTree(body);
    assertThat(tree.get("prompt").textValue()).as(expression).isEqualTo(text);
  }

  @Test
  void aNullOfEveryTypeIsMissing() {
    for (String type :
        List.of(
            "STRING",
            "BOOLEAN",
            "TINYINT",
            "SMALLINT",
            "INT",
            "BIGINT",
            "FLOAT",
            "DOUBLE",
            "DECIMAL(38,0)",
            "DATE",
            "TIMESTAMP",
            "TIMESTAMP_NTZ",
            "INTERVAL DAY TO SECOND",
            "INTERVAL YEAR TO MONTH",
            "VARIANT",
            "VOID",
            "ARRAY<DATE>",
            "MAP<INT, STRING>",
            "STRUCT<a: TIMESTAMP>")) {
      String table = "SELECT 1 AS id, CAST(NULL AS " + type + ") AS v";
      assertThat(lines(table, "key", "id", "prompt", "{v}"))
          .as(type)
          .singleElement()
          .asString()
          .startsWith("1 missing_value The column \"v\" is null");
      assertThat(body(table, "endpoint", "/v1/completions", "prompt", "{v?none}"))
          .isEqualTo("{\"prompt\":\"none\"}");
    }
  }

  @Test
  void binaryIsNoTextWhereverItStands() {
    for (String expression :
        List.of("X'00'", "array(X'00')", "named_struct('a', map('k', X'00'))", "map(X'00', 1)")) {
      assertThatThrownBy(() -> rows("SELECT " + expression + " AS v", "prompt", "{v}"))
          .as(expression)
          .hasMessageContaining("is binary, which is not text");
    }
  }

  @Test
  void imagesStandInTheEndpointsForm() {
    String table =
        "SELECT X'89504E470D0A1A0A00' AS png, 'https://example.org/a.jpg' AS url,"
            + " 'data:image/gif;base64,R0lGOA==' AS data, X'00' AS odd, CAST(NULL AS BINARY) AS none,"
            + " array('https://example.org/1', 'https://example.org/2') AS many, '../a.png' AS path";
    String png = "data:image/png;base64,iVBORw0KGgoA";
    assertThat(body(table, "prompt", "x", "image", "png", "image", "many", "image", "none?"))
        .isEqualTo(
            "{\"messages\":[{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"x\"},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\""
                + png
                + "\"}},{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/1\"}},"
                + "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://example.org/2\"}}]}]}");
    assertThat(body(table, "endpoint", "/v1/responses", "prompt", "x", "image", "url"))
        .isEqualTo(
            "{\"input\":[{\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"x\"},"
                + "{\"type\":\"input_image\",\"image_url\":\"https://example.org/a.jpg\"}]}]}");
    assertThat(
            body(table, "endpoint", "/v1/messages", "prompt", "x", "image", "data", "image", "url"))
        .endsWith(
            "{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/gif\",\"data\":\"R0lGOA==\"}},"
                + "{\"type\":\"image\",\"source\":{\"type\":\"url\",\"url\":\"https://example.org/a.jpg\"}}]}]}");
    assertError(table, "odd", "invalid_value");
    assertError(table, "none", "missing_value");
    assertError(table, "path", "invalid_media");
    assertThat(lines(table, "prompt", "x", "image", "path", "media-root", "/tmp"))
        .singleElement()
        .asString()
        .contains("invalid_media There is no image \"../a.png\" under the media root");
  }

  private void assertError(String table, String column, String code) {
    assertThat(lines(table, "prompt", "x", "image", column))
        .singleElement()
        .asString()
        .startsWith("null " + code);
  }
}
