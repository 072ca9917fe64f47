package io.batchinfer.table.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.junit.jupiter.api.Test;

class RequestRowsTest extends RenderedTable {
  private static final String ROW =
      "SELECT 7 AS id, 'Ünï\n\"x\"' AS text, CAST(NULL AS STRING) AS gone";

  @Test
  void aTemplateIsFilledFromTheRow() {
    assertThat(lines(ROW, "key", "id", "prompt", "Say {text}\n{{ok}}", "system", "You are {id}"))
        .containsExactly(
            "7 {\"messages\":[{\"role\":\"system\",\"content\":\"You are 7\"},"
                + "{\"role\":\"user\",\"content\":\"Say Ünï\\n\\\"x\\\"\\n{ok}\"}]}");
  }

  @Test
  void aNullIsAnErrorRowUnlessTheTemplateSaysWhatStandsForIt() {
    assertThat(lines(ROW, "key", "id", "prompt", "{gone}"))
        .singleElement()
        .asString()
        .startsWith("7 missing_value The column \"gone\" is null.");
    assertThat(lines(ROW, "key", "id", "prompt", "{gone?}-{gone?none} {text?x}"))
        .singleElement()
        .asString()
        .contains("\"-none Ünï");
    assertThat(lines(ROW, "key", "gone", "prompt", "x"))
        .singleElement()
        .asString()
        .startsWith("null missing_value The key \"gone\" is null");
    assertThat(lines(ROW, "key", "gone", "key", "id", "prompt", "x"))
        .singleElement()
        .asString()
        .startsWith("[null,\"7\"] {");
  }

  @Test
  void everyEndpointHasItsOwnForm() {
    assertThat(body(ROW, "endpoint", "/v1/embeddings", "prompt", "t: {id}"))
        .isEqualTo("{\"input\":\"t: 7\"}");
    assertThat(body(ROW, "endpoint", "/v1/embeddings", "input-column", "text"))
        .isEqualTo("{\"input\":\"Ünï\\n\\\"x\\\"\"}");
    assertThat(body(ROW, "endpoint", "/v1/moderations", "input-column", "array('a', text)"))
        .isEqualTo("{\"input\":[\"a\",\"Ünï\\n\\\"x\\\"\"]}");
    assertThat(body(ROW, "endpoint", "/v1/embeddings", "input-column", "id"))
        .isEqualTo("{\"input\":\"7\"}");
    assertThat(body(ROW, "endpoint", "/v1/completions", "prompt", "{id}"))
        .isEqualTo("{\"prompt\":\"7\"}");
    assertThat(body(ROW, "endpoint", "/v1/responses", "prompt", "{id}", "system", "s"))
        .isEqualTo("{\"instructions\":\"s\",\"input\":\"7\"}");
    assertThat(body(ROW, "endpoint", "/v1/messages", "prompt", "{id}", "system", "s"))
        .isEqualTo("{\"system\":\"s\",\"messages\":[{\"role\":\"user\",\"content\":\"7\"}]}");
    assertThat(body(ROW, "endpoint", "/v1/chat/moderations", "prompt", "{id}"))
        .isEqualTo("{\"input\":[{\"role\":\"user\",\"content\":\"7\"}]}");
  }

  @Test
  void aBodyCarriesParametersBesideAPrompt() {
    String parameters =
        "named_struct('temperature', 0, 'max_tokens', 64, 'stop', CAST(NULL AS STRING), 'p', 0.10)";
    assertThat(body(ROW, "prompt", "{id}", "body", parameters))
        .isEqualTo(
            "{\"temperature\":0,\"max_tokens\":64,\"p\":0.10,\"messages\":[{\"role\":\"user\",\"content\":\"7\"}]}");
    assertThat(body(ROW, "prompt", "{id}", "body", "map('user', text)"))
        .startsWith("{\"user\":\"Ünï\\n\\\"x\\\"\",\"messages\"");
    assertThat(body(ROW, "prompt", "{id}", "body", "'{\n \"p\" : 1.0e0, \"q\":{\"a\":[1,\n2]}}'"))
        .isEqualTo(
            "{\"p\":1.0e0,\"q\":{\"a\":[1, 2]},\"messages\":[{\"role\":\"user\",\"content\":\"7\"}]}");
  }

  @Test
  void aBodyAloneIsAllOfTheRequestAsItIsSpelled() {
    assertThat(body(ROW, "body", "'{\"input\" : [1.50,\r\n 2e0], \"x\":\"Ü\\\\u00dc\"}'"))
        .isEqualTo("{\"input\" : [1.50,   2e0], \"x\":\"Ü\\u00dc\"}");
    assertThat(body(ROW, "body", "struct(id, text)"))
        .isEqualTo("{\"id\":7,\"text\":\"Ünï\\n\\\"x\\\"\"}");
  }

  @Test
  void aBodyThatIsNoObjectIsAnErrorRow() {
    for (String text :
        List.of(
            "", "x", "[1]", "{\"a\":1", "{\"a\":1} x", "{\"a\":01}", "{\"a\":\"\\x\"}", "{a:1}")) {
      assertThat(lines(ROW, "key", "id", "body", "'" + text.replace("\\", "\\\\") + "'"))
          .as(text)
          .singleElement()
          .asString()
          .startsWith("7 invalid_value ")
          .contains("--body");
    }
    assertThat(lines(ROW, "key", "id", "body", "gone"))
        .singleElement()
        .asString()
        .startsWith("7 missing_value The expression of --body is null");
    assertThat(lines(ROW, "key", "id", "prompt", "x", "body", "'{\"messages\":[]}'"))
        .singleElement()
        .asString()
        .startsWith("7 invalid_value The object that --body gives has \"messages\" already");
  }

  @Test
  void messagesAreAnArrayOrItsJson() {
    String structs =
        "array(named_struct('role','system','content','s','name',CAST(NULL AS STRING)),"
            + "named_struct('role','user','content',text,'name','n'))";
    assertThat(body(ROW, "messages", structs))
        .isEqualTo(
            "{\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
                + "{\"role\":\"user\",\"content\":\"Ünï\\n\\\"x\\\"\",\"name\":\"n\"}]}");
    assertThat(body(ROW, "messages", "'[{\"role\":\"user\",\"content\":\"1\"}]'"))
        .isEqualTo("{\"messages\":[{\"role\":\"user\",\"content\":\"1\"}]}");
    assertThat(lines(ROW, "key", "id", "messages", "'{}'"))
        .singleElement()
        .asString()
        .startsWith("7 invalid_value The JSON that --messages gives is not an array");
  }

  @Test
  void optionsThatContradictEachOtherAreRefused() {
    refused("say what is asked of a row", "prompt", "x", "messages", "array()");
    refused("Nothing says what is asked of each row");
    refused("goes with --prompt", "body", "struct(id)", "system", "s");
    refused("goes with --prompt", "body", "struct(id)", "image", "text");
    refused("takes messages and no bare input", "input-column", "text");
    refused("takes a text and no messages", "endpoint", "/v1/embeddings", "messages", "array()");
    refused(
        "no place for a system message",
        "endpoint",
        "/v1/completions",
        "prompt",
        "x",
        "system",
        "s");
    refused("--messages holds the system's", "messages", "text", "system", "s");
    refused("takes no images", "endpoint", "/v1/embeddings", "prompt", "x", "image", "text");
    refused("Give the whole body with --body", "endpoint", "/v1/rerank", "prompt", "x");
    refused(
        "has the field \"messages\"", "prompt", "x", "body", "named_struct('messages', array(1))");
    refused("is named by --key twice", "prompt", "x", "key", "id", "key", "ID");
  }

  @Test
  void whatTheTableDoesNotHaveIsNamedWithWhatItHas() {
    refused(
        "has no column \"txt\", which --prompt names. Did you mean \"text\"? Its columns: id, text, gone.",
        "prompt",
        "{txt}");
    refused(
        "has no column \"idd\", which --key names. Did you mean \"id\"?",
        "prompt",
        "x",
        "key",
        "idd");
    refused("has a { without its }", "prompt", "a {text");
    refused("has a } without a {", "prompt", "a } b");
    refused("has no column between { and }", "prompt", "a {} b");
    refused("has none", "prompt", "{text.a}");
  }

  @Test
  void anExpressionThatCannotBeUsedIsRefusedInSparksWords() {
    refused("cannot be used: [UNRESOLVED_COLUMN", "body", "struct(nope)");
    refused("cannot be used: [PARSE_SYNTAX_ERROR]", "body", "struct(");
    refused("--body, \"count(*)\", cannot be used", "body", "count(*)");
    refused("cannot be used", "body", "explode(array(struct(id), struct(id)))");
    refused("cannot be used", "body", "*");
    refused("it gives INT, not a struct, a map or JSON text", "body", "id");
    refused("it gives INT, not an array of structs", "messages", "id");
    refused(
        "is binary, which is not text",
        "input-column",
        "CAST(text AS BINARY)",
        "endpoint",
        "/v1/embeddings");
  }

  private void refused(String words, String... options) {
    assertThatThrownBy(() -> rows(ROW, options))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining(words)
        .hasMessageNotContaining("SQLSTATE");
  }

  @Test
  void namesAreFoundAsSparkFindsThem() {
    String odd =
        "SELECT 1 AS `a.b`, 2 AS `x``y`, 3 AS `{?}`, named_struct('b', 4, 'c d', named_struct('e', 5)) AS s, map('k', 6) AS m";
    assertThat(
            body(
                odd,
                "endpoint",
                "/v1/completions",
                "prompt",
                "{a.b} {`a.b`} {`x``y`} {`{?}`} {s.b} {S.`c d`.E} {m.k}"))
        .isEqualTo("{\"prompt\":\"1 1 2 3 4 5 6\"}");
    assertThat(lines(odd, "key", "a.b", "key", "x`y", "key", "`{?}`", "prompt", "x"))
        .singleElement()
        .asString()
        .startsWith("[\"1\",\"2\",\"3\"] ");
    String both = "SELECT named_struct('b', 1) AS a, 2 AS `a.b`";
    assertThat(body(both, "endpoint", "/v1/completions", "prompt", "{`a`.b} {`a.b`}"))
        .isEqualTo("{\"prompt\":\"1 2\"}");
    assertThatThrownBy(() -> rows(both, "prompt", "{a.b}"))
        .hasMessageContaining("is a column with a dot in its name, and could be a field");
    String joined =
        "SELECT * FROM (SELECT 1 AS id, 2 AS v) l JOIN (SELECT 1 AS id) r ON l.id = r.id";
    assertThat(body(joined, "endpoint", "/v1/completions", "prompt", "{v}"))
        .isEqualTo("{\"prompt\":\"2\"}");
    assertThatThrownBy(() -> rows(joined, "prompt", "{id}"))
        .hasMessageContaining("is there twice: id, id");
  }

  @Test
  void caseCountsWhereTheSessionSaysSo() {
    String cased = "SELECT 1 AS Id";
    assertThat(body(cased, "endpoint", "/v1/completions", "prompt", "{id}"))
        .isEqualTo("{\"prompt\":\"1\"}");
    sqlContext().setConf("spark.sql.caseSensitive", "true");
    try {
      assertThatThrownBy(() -> rows(cased, "prompt", "{id}"))
          .hasMessageContaining("Did you mean \"Id\"?");
      assertThat(
              body("SELECT 1 AS Id, 2 AS id", "endpoint", "/v1/completions", "prompt", "{id}{Id}"))
          .isEqualTo("{\"prompt\":\"21\"}");
    } finally {
      sqlContext().setConf("spark.sql.caseSensitive", "false");
    }
  }

  @Test
  void aFailingExpressionIsToldWithoutATrace() {
    for (String expression :
        List.of("struct(1 / (id - id) AS x)", "struct(CAST('abc' || id AS INT) AS x)")) {
      assertThatThrownBy(
              () -> {
                try {
                  lines("SELECT id FROM range(3)", "body", expression);
                } catch (Exception e) {
                  throw SparkFailures.ofExpression(e).orElseThrow();
                }
              })
          .isInstanceOf(BatchException.class)
          .hasMessageContaining("An expression failed for a row of the table: [")
          .hasMessageContaining("try_cast")
          .hasMessageNotContaining("\n")
          .hasMessageNotContaining("SQLSTATE");
    }
    assertThat(SparkFailures.ofExpression(new IllegalStateException("x"))).isEmpty();
  }

  @Test
  void bytesThatAreNoTextAreAnErrorRow() {
    for (String hex : List.of("FF", "C3", "EDA080", "C080", "F4908080", "61E28261")) {
      String table = "SELECT 1 AS id, CAST(X'" + hex + "' AS STRING) AS text";
      for (String[] options :
          List.of(
              new String[] {"key", "id", "prompt", "{text}"},
              new String[] {"key", "id", "input-column", "text", "endpoint", "/v1/embeddings"})) {
        assertThat(lines(table, options))
            .singleElement()
            .asString()
            .startsWith("1 invalid_value ")
            .contains("not UTF-8");
      }
      assertThat(lines(table, "key", "text", "prompt", "x"))
          .singleElement()
          .asString()
          .startsWith("null invalid_value ");
    }
  }

  @Test
  void columnsThatNobodyNeedsAreNotRead() {
    assertThat(rows("SELECT 1 AS a, 2 AS b, 3 AS c", "key", "a", "prompt", "{b} {b}").first(1))
        .singleElement()
        .extracting(InternalRow::numFields)
        .isEqualTo(2);
    assertThat(lines("SELECT id FROM range(5)", "prompt", "x")).hasSize(5);
  }
}
