package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What rows get of the answer to their pack. */
class PackedAnswerTest {
  private static final Shares EQUAL = new Shares(new long[] {1, 1, 1});

  private static PackedAnswer answer(String json) {
    return PackedAnswer.read(json.getBytes(StandardCharsets.UTF_8), 3);
  }

  private static String of(String json, int row) {
    PackedAnswer answer = answer(json);
    assertThat(answer.problem()).isEmpty();
    return new String(answer.of(row, EQUAL), StandardCharsets.UTF_8);
  }

  private static String data(String items) {
    return "{\"object\":\"list\",\"data\":[%s],\"model\":\"m\"}".formatted(items);
  }

  @Test
  void aRowGetsItsItemByIndexAndAllAround() {
    String json =
        """
        {"id": "e-1", "object":"list",
         "data": [ {"index":2, "embedding":[0.30, -3e-1], "object":"embedding"},
                   {"object":"embedding","embedding":"AACA/w==","index": 0},
                   {"embedding":[1,{"index":7}],"index":1}
                 ], "model":"mé" }""";

    assertThat(of(json, 0))
        .isEqualTo(
            """
            {"id": "e-1", "object":"list",
             "data": [{"object":"embedding","embedding":"AACA/w==","index": 0}], "model":"mé" }""");
    assertThat(of(json, 1)).contains("\"data\": [{\"embedding\":[1,{\"index\":7}],\"index\":0}], ");
    assertThat(of(json, 2))
        .contains("[{\"index\":0, \"embedding\":[0.30, -3e-1], \"object\":\"embedding\"}]");
  }

  @Test
  void aByteOrderMarkIsNoPartOfIt() {
    String json = data("{\"index\":0,\"e\":1},{\"index\":1,\"e\":2},{\"index\":2,\"e\":3}");

    assertThat(of("\uFEFF" + json, 1)).isEqualTo(data("{\"index\":0,\"e\":2}"));
  }

  @Test
  void anIndexOfZeroMayBeLeftOut() {
    String json = data("{\"e\":1},{\"index\":2,\"e\":3},{\"index\":1,\"e\":2}");

    assertThat(of(json, 0)).isEqualTo(data("{\"e\":1}"));
    assertThat(of(json, 2)).isEqualTo(data("{\"index\":0,\"e\":3}"));
    assertThat(of(json.replace("{\"e\":1}", "{\"e\":1,\"index\":null}"), 0))
        .isEqualTo(data("{\"e\":1,\"index\":null}"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'{\"index\":0},{\"index\":1}' | 'it has 2 items'",
        "'' | 'it has 0 items'",
        "'{\"index\":0},{\"index\":1},{\"index\":2},{\"index\":2}' | 'two items of it have the index 2'",
        "'{\"index\":0},{\"index\":0},{\"index\":0}' | 'two items of it have the index 0'",
        "'{\"index\":1},{\"index\":2},{\"index\":3}' | 'an item of it has the index 3'",
        "'{\"index\":-1},{\"index\":0},{\"index\":1}' | 'an item of it has the index -1'",
        "'{\"index\":0},{\"index\":1},{\"index\":2},{\"index\":3}' | 'an item of it has the index 3'",
        "'{\"index\":0},{\"index\":1},{\"index\":2},{}' | 'it has 4 items'",
        "'{},{},{}' | 'several items of it have no index'",
        "'{\"index\":0},{\"index\":1},{}' | 'an item of it has no index'",
        "'{\"index\":\"0\"},{\"index\":1},{\"index\":2}' | 'the index of an item is no whole number'",
        "'{\"index\":0.0},{\"index\":1},{\"index\":2}' | 'the index of an item is no whole number'",
        "'{\"index\":99999999999},{\"index\":1},{\"index\":2}' | 'the index of an item is no whole number'",
        "'{\"index\":0,\"index\":1},{\"index\":1},{\"index\":2}' | 'an item of it has two indexes'",
        "'[0.1],[0.2],[0.3]' | 'an item of it is no object'",
        "'null,{\"index\":1},{\"index\":2}' | 'an item of it is no object'",
      })
  void noItemIsBelievedWhereOneDoesNotFit(String items, String problem) {
    PackedAnswer answer = answer(data(items));

    assertThat(answer.problem()).contains(problem);
    for (int row = 0; row < 3; row++) {
      assertThat(new String(answer.of(row, EQUAL), StandardCharsets.UTF_8)).isEqualTo(data(""));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "'{\"object\":\"list\"}' | 'it has no data'",
        "'[[0.1],[0.2],[0.3]]' | 'it is no object'",
        "'\"text\"' | 'it is no object'",
        "'{\"data\":[{\"index\":0},{\"index\":1},{\"index\":2}],\"data\":[]}' | 'it has data twice'",
        "'{\"data\":[' | 'it cannot be read'",
      })
  void anAnswerOfAnotherShapeIsNobodys(String json, String problem) {
    PackedAnswer answer = answer(json);

    assertThat(answer.problem()).contains(problem);
    assertThat(new String(answer.of(1, EQUAL), StandardCharsets.UTF_8)).isEqualTo("{}");
  }

  @Test
  void dataThatIsNoListIsLeftOut() {
    PackedAnswer answer = answer("{\"data\":{\"index\":0},\"usage\":{\"total_tokens\":4}}");

    assertThat(answer.problem()).contains("its data is no list");
    assertThat(new String(answer.of(2, EQUAL), StandardCharsets.UTF_8))
        .isEqualTo("{\"data\":[],\"usage\":{\"total_tokens\":2}}");
  }

  @Test
  void whatIsNobodysIsNotKeptForEveryRowWhereItIsLarge() {
    PackedAnswer answer = answer("{\"data\":[],\"x\":\"" + "x".repeat(20_000) + "\"}");

    assertThat(new String(answer.of(0, EQUAL), StandardCharsets.UTF_8)).isEqualTo("{}");
  }

  @Test
  void everyNumberOfTheUsageIsShared() {
    String items = "{\"index\":0},{\"index\":1},{\"index\":2}";
    String json =
        """
        {"usage":{"prompt_tokens":10, "total_tokens":10,"cost":0.0001,"none":null,
        "details":{"cached_tokens":5},"words":"9","list":[3]},"data":[%s]}"""
            .formatted(items);

    assertThat(of(json, 0))
        .isEqualTo(
            """
            {"usage":{"prompt_tokens":3, "total_tokens":3,"cost":0.0000333333,"none":null,
            "details":{"cached_tokens":1},"words":"9","list":[1]},"data":[{"index":0}]}""");
    assertThat(of(json, 2))
        .contains("\"prompt_tokens\":4, ", "\"cached_tokens\":2}", "0.0000333334");
  }

  @ParameterizedTest
  @CsvSource({
    "-1,null",
    "1e999999999999,null",
    "1e400,null",
    "1e-400,null",
    "1234567890123456789012,null",
    "0,0",
    "0.0,0",
    "3e2,100"
  })
  void aNumberThatCountsNothingIsNobodys(String number, String share) {
    String items = "{\"index\":0},{\"index\":1},{\"index\":2}";

    assertThat(of("{\"data\":[%s],\"usage\":{\"n\":%s}}".formatted(items, number), 1))
        .isEqualTo("{\"data\":[{\"index\":0}],\"usage\":{\"n\":%s}}".formatted(share));
  }
}
