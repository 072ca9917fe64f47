package io.batchinfer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.job.TableNote.StagedFile;
import io.batchinfer.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A {@link TableNote} as JSON. */
final class TableJson {
  private static final int VERSION = 1;

  private TableJson() {}

  static byte[] write(TableNote note) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("version", VERSION);
    node.put("rows", note.rows());
    node.put("fingerprint", note.fingerprint());
    ArrayNode keys = node.putArray("keys");
    note.keys().forEach(key -> keys.addObject().put("name", key.name()).put("type", key.type()));
    ArrayNode files = node.putArray("files");
    note.files()
        .forEach(
            file ->
                files
                    .addObject()
                    .put("path", file.path())
                    .put("bytes", file.bytes())
                    .put("rows", file.rows()));
    return (node.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8);
  }

  static TableNote parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    if (node.path("version").asInt() != VERSION) {
      throw new IOException("a table of version " + node.path("version") + ", not " + VERSION);
    }
    List<TableNote.Key> keys = new ArrayList<>();
    for (JsonNode key : node.path("keys")) {
      keys.add(new TableNote.Key(text(key, "name"), text(key, "type")));
    }
    List<StagedFile> files = new ArrayList<>();
    for (JsonNode file : node.path("files")) {
      files.add(
          new StagedFile(
              text(file, "path"), file.path("bytes").asLong(), file.path("rows").asLong()));
    }
    return new TableNote(node.path("rows").asLong(), text(node, "fingerprint"), keys, files);
  }

  private static String text(JsonNode node, String key) throws IOException {
    if (!node.path(key).isTextual()) {
      throw new IOException("not the note of a table: \"" + key + "\" is missing");
    }
    return node.path(key).asText();
  }
}
