package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.testing.provider.RowAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Requests for a fake provider, all different: one of a hundred is refused by its text, and one of
 * four asks another model.
 *
 * @param bodies by custom_id
 */
record RemoteRows(Path input, Map<String, JsonNode> bodies) {

  static RemoteRows write(Path input, int rows, long seed) {
    return write(input, rows, seed, body -> {});
  }

  /**
   * The same.
   *
   * @param more what is to be changed in each body
   */
  static RemoteRows write(Path input, int rows, long seed, Consumer<ObjectNode> more) {
    Random random = new Random(seed);
    Map<String, JsonNode> bodies = new HashMap<>();
    StringBuilder lines = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      String text = "row %d says %x ü".formatted(row, random.nextLong());
      if (random.nextInt(100) == 0) {
        text += " " + RowAnswers.REFUSED;
      }
      ObjectNode body = LocalRun.JSON.createObjectNode();
      body.put("model", random.nextInt(4) == 0 ? "small" : "large").put("temperature", 0);
      body.putArray("messages").addObject().put("role", "user").put("content", text);
      more.accept(body);
      ObjectNode line = LocalRun.JSON.createObjectNode().put("custom_id", "row " + row);
      line.put("method", "POST").put("url", "/v1/chat/completions").set("body", body);
      lines.append(line).append('\n');
      bodies.put("row " + row, body);
    }
    try {
      return new RemoteRows(Files.writeString(input, lines), bodies);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static boolean isRefused(JsonNode body) {
    return body.toString().contains(RowAnswers.REFUSED);
  }

  /** How many a provider answers. */
  int answerable() {
    return (int) bodies.values().stream().filter(body -> !isRefused(body)).count();
  }

  /** Every row has ended once, each with the answer of its own body or its own refusal. */
  void check(Path output) {
    Map<String, JsonNode> ended = new HashMap<>();
    for (String folder : new String[] {"results", "errors"}) {
      LocalRun.forEachRow(
          output.resolve(folder),
          row ->
              assertThat(ended.put(row.path("custom_id").asText(), row))
                  .as("twice: %s", row)
                  .isNull());
    }
    assertThat(ended.keySet()).as("rows lost or invented").isEqualTo(bodies.keySet());
    ended.forEach(
        (id, row) -> {
          JsonNode body = bodies.getOrDefault(id, row);
          JsonNode status = row.at("/response/status_code");
          if (isRefused(body)) {
            assertThat(status.asInt()).as("%s", row).isEqualTo(400);
          } else {
            assertThat(CountingServer.said(row))
                .as("%s", row)
                .isEqualTo(RowAnswers.said(RowAnswers.hash(body)));
          }
        });
  }

  /** What every row ended with, without what tells runs apart. */
  static Map<String, String> ends(Path output) {
    Map<String, String> ends = new HashMap<>();
    for (String folder : new String[] {"results", "errors"}) {
      LocalRun.forEachRow(
          output.resolve(folder),
          row ->
              ends.put(
                  row.path("custom_id").asText(),
                  folder
                      + row.at("/response/status_code")
                      + row.at("/response/body")
                      + row.at("/error/code")));
    }
    return ends;
  }
}
