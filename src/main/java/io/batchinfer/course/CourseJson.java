package io.batchinfer.course;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.json.Json;
import io.batchinfer.model.JobStatus;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A run's course as its file has it: a point on each line, for those who look into it. */
final class CourseJson {
  private CourseJson() {}

  static byte[] write(RunCourse run) {
    ObjectNode node = Json.MAPPER.createObjectNode();
    node.put("version", RunCourse.VERSION);
    node.put("run", run.run());
    node.put("started_at", run.startedAt().toString());
    @Nullable Instant endedAt = run.ending().at();
    node.put("ended_at", endedAt == null ? null : endedAt.toString());
    node.put("status", run.ending().status().word());
    node.put("stop_reason", run.ending().reason());
    node.put("program", run.program().version());
    node.put("master", run.program().master());
    node.put("executors", run.program().executors());
    node.put("rows", run.rows());
    node.put("resumed_rows", run.resumedRows());
    node.put("cut_after_ms", run.cutAfterMillis());
    ArrayNode limits = node.putArray("limits");
    for (StatedLimit limit : run.limits()) {
      limits
          .addObject()
          .put("name", limit.name())
          .put("value", limit.value())
          .put("from", limit.from());
    }
    String head = node.toString();
    StringBuilder text = new StringBuilder(head).deleteCharAt(head.length() - 1);
    text.append(",\"points\":[");
    String between = "\n";
    for (CoursePoint point : run.points()) {
      text.append(between).append(PointJson.node(point));
      between = ",\n";
    }
    return text.append("\n]}\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads what {@link #write} wrote, in this version or another one.
   *
   * @throws IOException where it is none
   */
  static RunCourse parse(byte[] json) throws IOException {
    JsonNode node = Json.MAPPER.readTree(json);
    List<StatedLimit> limits = new ArrayList<>();
    for (JsonNode limit : node.path("limits")) {
      limits.add(
          new StatedLimit(
              limit.path("name").asText(),
              limit.path("value").asDouble(),
              limit.path("from").asText()));
    }
    List<CoursePoint> points = new ArrayList<>();
    node.path("points").forEach(point -> points.add(PointJson.read(point)));
    JsonNode endedAt = node.path("ended_at");
    JsonNode cutAfter = node.path("cut_after_ms");
    JsonNode reason = node.path("stop_reason");
    try {
      return new RunCourse(
          node.path("run").asText(),
          new Program(
              node.path("program").asText(),
              node.path("master").asText(),
              node.path("executors").asInt()),
          Instant.parse(node.path("started_at").asText()),
          new Ending(
              endedAt.isTextual() ? Instant.parse(endedAt.asText()) : null,
              JobStatus.ofWord(node.path("status").asText()),
              reason.isTextual() ? reason.asText() : null),
          node.path("rows").asLong(),
          node.path("resumed_rows").asLong(),
          limits,
          points,
          cutAfter.isNumber() ? cutAfter.asLong() : null);
    } catch (IllegalArgumentException | DateTimeException e) {
      throw new IOException("not the course of a run: " + e.getMessage(), e);
    }
  }
}
