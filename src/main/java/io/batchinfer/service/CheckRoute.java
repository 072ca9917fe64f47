package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.json.JsonLine;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.FileCheck;
import io.batchinfer.store.FileCheck.Report;
import io.batchinfer.store.Texts;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Checks an uploaded file before a job uses it. A service of its own, beside the APIs. */
final class CheckRoute {
  private final BatchRegistry registry;
  private final FileCheck check;
  private final HeavyWork work = new HeavyWork();

  CheckRoute(BatchRegistry registry) {
    this.registry = registry;
    this.check = new FileCheck(registry.store());
  }

  Route route() {
    return new Route(HttpMethod.GET, "/v1/files/{id}/check", false, this::check);
  }

  private void check(Call call) {
    String id = call.variable("id");
    BatchFile file =
        registry
            .file(call.workspace(), id)
            .orElseThrow(() -> ApiError.notFound("No such File object: " + Texts.shown(id)));
    if (file.role() != Role.REQUESTS) {
      throw ApiError.invalid("id", "invalid_value", "Only files of requests can be checked.");
    }
    String endpoint =
        Queries.oneOf(
            call, "endpoint", List.copyOf(EndpointPaths.KNOWN), EndpointPaths.CHAT_COMPLETIONS);
    work.blocking(call, () -> check.check(file, endpoint), report -> call.json(json(file, report)));
  }

  private static byte[] json(BatchFile file, Report report) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    object.put("id", file.id());
    object.put("object", "file.check");
    object.put("checked_lines", report.lines());
    object.put("complete", report.whole());
    object.put("invalid_lines", report.invalid());
    object.put("form", report.form().orElse(null));
    object.put("problems", report.problems().stream().map(CheckRoute::object).toList());
    return JsonLine.of(object).getBytes(StandardCharsets.UTF_8);
  }

  private static Map<String, Object> object(FileCheck.Group group) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("code", group.code());
    object.put("message", group.message());
    object.put("count", group.count());
    object.put("lines", group.lines());
    return object;
  }
}
