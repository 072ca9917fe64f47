package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which rows go together, and the request that is made of them. */
class PackedRequestTest {
  private static OutboundRequest packed(String... bodies) {
    return PackedRequest.of(
        Arrays.stream(bodies).map(PackRows::packable).map(Optional::orElseThrow).toList());
  }

  private static boolean goTogether(String body, String other) {
    Likeness likeness = PackRows.packable(body).orElseThrow().likeness();
    return likeness.equals(PackRows.packable(other).orElseThrow().likeness());
  }

  @Test
  void inputsStandAsTheirRowsSpellThem() {
    OutboundRequest request =
        packed(
            "{ \"model\" :\"m\", \"input\": \"caf\\u00e9 \\\"1\\\"\" ,\"dimensions\":2.50e1}",
            "{ \"model\" :\"m\", \"input\": \"naïve\" ,\"dimensions\":2.50e1}",
            "{ \"model\" :\"m\", \"input\": [ \"alone\" ] ,\"dimensions\":2.50e1}");

    assertThat(PackRows.bodyOf(request))
        .isEqualTo(
            "{ \"model\" :\"m\", \"input\": [\"caf\\u00e9 \\\"1\\\"\",\"naïve\",\"alone\"] ,\"dimensions\":2.50e1}");
    assertThat(request.estimatedTokens()).isEqualTo(30);
    assertThat(request.model()).isEqualTo("m");
    assertThat(request.path()).isEqualTo("/v1/embeddings");
  }

  @Test
  void listsOfTokensAreInputsToo() {
    OutboundRequest request =
        packed("{\"input\":[1, 22,333]}", "{\"input\":[[4]]}", "{\"input\":[ [ 5,6 ] ]}");

    assertThat(PackRows.bodyOf(request)).isEqualTo("{\"input\":[[1, 22,333],[4],[ 5,6 ]]}");
    assertThat(PackRows.packable("{\"input\":[1, 22,333]}").orElseThrow().size()).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"input\":[\"a\",\"b\"]}",
        "{\"input\":[[1],[2]]}",
        "{\"input\":[1,\"a\"]}",
        "{\"input\":[1,[2]]}",
        "{\"input\":[[1,\"a\"]]}",
        "{\"input\":[[]]}",
        "{\"input\":[[1.5]]}",
        "{\"input\":[1.5]}",
        "{\"input\":[]}",
        "{\"input\":[null]}",
        "{\"input\":[{\"text\":\"a\"}]}",
        "{\"input\":{\"text\":\"a\"}}",
        "{\"input\":null}",
        "{\"input\":7}",
        "{\"input\":\"a\",\"input\":\"b\"}",
        "{\"input\":\"a\",\"input\":[\"b\",\"c\"]}",
        "{\"inner\":{\"input\":\"a\"}}",
        "{\"model\":\"m\"}",
        "[\"a\"]",
        "{\"input\":\"a\"",
      })
  void whatIsNotOneInputGoesAlone(String body) {
    assertThat(PackRows.packable(body)).isEmpty();
  }

  @Test
  void otherEndpointsTakeNoInputsTogether() {
    byte[] body = {'{', '}'};
    OutboundRequest request =
        new OutboundRequest("/v1/moderations", new OutboundRequest.Json(body), Map.of(), 1);
    OutboundRequest form =
        new OutboundRequest(
            "/v1/embeddings", new OutboundRequest.Multipart(List.of()), Map.of(), 1);

    assertThat(Packable.of(request)).isEmpty();
    assertThat(Packable.of(form)).isEmpty();
  }

  @Test
  void onlyRowsThatAreAlikeGoTogether() {
    String body = "{\"model\":\"m\",\"input\":\"a\",\"dimensions\":8}";

    assertThat(goTogether(body, body.replace("\"a\"", "\"b\""))).isTrue();
    assertThat(goTogether(body, body.replace("\"a\"", "[\"b\"]"))).isTrue();
    assertThat(goTogether(body, body.replace("\"m\"", "\"n\""))).isFalse();
    assertThat(goTogether(body, body.replace("8", "9"))).isFalse();
    assertThat(goTogether(body, body.replace("\"a\"", "[1]"))).isFalse();
    assertThat(goTogether(body, body.replace("dimensions", "user"))).isFalse();
  }

  @Test
  void aKeyStandsForTheSameRowsInTheSameOrderAlone() {
    List<Packable> rows = PackRows.rows(3).stream().map(PackRow::packable).toList();

    String key = key(rows);

    assertThat(key(rows)).isEqualTo(key);
    assertThat(
            List.of(key(rows.subList(0, 2)), key(List.of(rows.get(1), rows.get(0), rows.get(2)))))
        .doesNotContain(key)
        .doesNotHaveDuplicates();
    assertThat(key).isNotEqualTo("t000").matches("[0-9a-f]{32}");
  }

  private static String key(List<Packable> rows) {
    return String.valueOf(PackedRequest.of(rows).headers().get(OutboundRequest.IDEMPOTENCY_KEY));
  }

  @Test
  void withoutKeysThereIsNone() {
    assertThat(packed("{\"input\":\"a\"}", "{\"input\":\"b\"}").headers()).isEmpty();
  }
}
