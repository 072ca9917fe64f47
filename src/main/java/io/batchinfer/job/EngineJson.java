package io.batchinfer.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.batchinfer.json.Json;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.EngineFigures.State;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** An engine's figures in JSON: as a message has them, and as {@code job.json} shows them. */
public final class EngineJson {
  private EngineJson() {}

  /** One engine. */
  public static byte[] write(EngineFigures engine) throws IOException {
    ObjectNode node = Json.MAPPER.createObjectNode();
    put(node, engine);
    return Json.MAPPER.writeValueAsBytes(node);
  }

  static void put(ObjectNode node, EngineFigures engine) {
    node.put("name", engine.name());
    node.put("state", engine.state().name().toLowerCase(Locale.ROOT));
    if (!engine.words().isEmpty()) {
      node.put("words", engine.words());
    }
    engine.gpus().forEach(node.putArray("gpus")::add);
    node.put("started_at", engine.startedAt().toString());
    engine
        .idleBefore()
        .ifPresent(
            idle -> {
              node.put("kept_warm", true);
              node.put("seconds_idle_before", idle.toMillis() / 1e3);
            });
    node.put("seconds_until_ready", engine.untilReady().toMillis() / 1e3);
    node.put("seconds_up", engine.up().toMillis() / 1e3);
    node.put("restarts", engine.restarts());
    node.put("requests", engine.requests());
    node.put("completion_tokens", engine.tokens());
    node.put("tokens_per_second", Math.round(engine.tokensPerSecond() * 10) / 10.0);
    if (!engine.gpus().isEmpty()) {
      node.put("gpu_minutes", Math.round(engine.gpuMinutes() * 100) / 100.0);
    }
  }

  /** Reads what {@link #write} wrote. */
  public static EngineFigures parse(byte[] json) throws IOException {
    return read(Json.MAPPER.readTree(json));
  }

  static EngineFigures read(JsonNode node) {
    List<String> gpus = new ArrayList<>();
    node.path("gpus").forEach(gpu -> gpus.add(gpu.asText()));
    return new EngineFigures(
        node.path("name").asText(),
        State.valueOf(node.path("state").asText().toUpperCase(Locale.ROOT)),
        node.path("words").asText(),
        gpus,
        Instant.parse(node.path("started_at").asText()),
        seconds(node, "seconds_until_ready"),
        seconds(node, "seconds_up"),
        node.path("restarts").asInt(),
        node.path("requests").asLong(),
        node.path("completion_tokens").asLong(),
        node.path("kept_warm").asBoolean()
            ? Optional.of(seconds(node, "seconds_idle_before"))
            : Optional.empty());
  }

  private static Duration seconds(JsonNode node, String field) {
    return Duration.ofMillis(Math.round(node.path(field).asDouble() * 1e3));
  }
}
