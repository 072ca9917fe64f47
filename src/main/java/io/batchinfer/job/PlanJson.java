package io.batchinfer.job;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.EqualRowCounts;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.Plan;
import io.batchinfer.model.PlannedModel;
import io.batchinfer.model.PlannedModels;
import io.batchinfer.model.Split;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A plan as JSON: one line per file and per split. */
final class PlanJson {
  private static final int VERSION = 1;

  private PlanJson() {}

  public static byte[] write(Plan plan) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = Json.FACTORY.createGenerator(out)) {
      json.writeStartObject();
      json.writeNumberField("version", VERSION);
      json.writeStringField("content", plan.content().hex());
      json.writeArrayFieldStart("files");
      for (InputFile file : plan.files()) {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("path", file.path());
        json.writeNumberField("bytes", file.bytes());
        json.writeNumberField("modified", file.modifiedMillis());
        json.writeStringField("content", file.content().hex());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("splits");
      for (Split split : plan.splits()) {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeNumberField("file", split.file());
        json.writeStringField("path", split.path());
        json.writeNumberField("start", split.start());
        json.writeNumberField("end", split.end());
        json.writeNumberField("unit", split.unit());
        json.writeNumberField("unit_line", split.unitLine());
        json.writeNumberField("first_line", split.firstLine());
        json.writeNumberField("lines", split.lines());
        json.writeNumberField("rows", split.rows());
        json.writeNumberField("invalid", split.invalid());
        json.writeStringField("row_sum", split.rowSum().hex());
        json.writeNumberField("tokens", split.tokens());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayFieldStart("models");
      for (PlannedModel model : plan.models().listed()) {
        json.writeRaw('\n');
        json.writeStartObject();
        json.writeStringField("name", model.name());
        json.writeNumberField("rows", model.rows());
        json.writeNumberField("file", model.file());
        json.writeNumberField("line", model.line());
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeNumberField("rows_of_unlisted_models", plan.models().unlistedRows());
      json.writeNumberField("equal_rows", plan.equalRows());
      json.writeNumberField("equal_rows_sent", plan.equal().sent());
      json.writeEndObject();
    } catch (IOException e) {
      throw new IllegalStateException("writing to memory does not fail", e);
    }
    return out.toByteArray();
  }

  public static Plan parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    if (node.path("version").asInt() != VERSION) {
      throw new IOException("a plan of version " + node.path("version") + ", not " + VERSION);
    }
    List<InputFile> files = new ArrayList<>();
    for (JsonNode file : node.path("files")) {
      files.add(
          new InputFile(
              files.size(),
              file.path("path").asText(),
              file.path("bytes").asLong(),
              file.path("modified").asLong(),
              Hash128.ofHex(file.path("content").asText())));
    }
    List<Split> splits = new ArrayList<>();
    for (JsonNode split : node.path("splits")) {
      splits.add(
          new Split(
              splits.size(),
              split.path("file").asInt(),
              split.path("path").asText(),
              split.path("start").asLong(),
              split.path("end").asLong(),
              split.path("unit").asInt(),
              split.path("unit_line").asInt(),
              split.path("first_line").asLong(),
              split.path("lines").asInt(),
              split.path("rows").asInt(),
              split.path("invalid").asInt(),
              Hash128.ofHex(split.path("row_sum").asText()),
              split.path("tokens").asLong()));
    }
    List<PlannedModel> models = new ArrayList<>();
    for (JsonNode model : node.path("models")) {
      models.add(
          new PlannedModel(
              model.path("name").asText(),
              model.path("rows").asLong(),
              model.path("file").asInt(),
              model.path("line").asLong()));
    }
    return new Plan(
        files,
        splits,
        Hash128.ofHex(node.path("content").asText()),
        new PlannedModels(models, node.path("rows_of_unlisted_models").asLong()),
        new EqualRowCounts(
            node.path("equal_rows").asLong(), node.path("equal_rows_sent").asLong()));
  }
}
