package io.batchinfer.service;

import java.io.IOException;
import java.util.Map;
import java.util.Set;

/** A proper call of every route, for attacks to start from. */
final class ProperCalls {
  private static final String JSON = "application/json";
  private static final String CHAT = "{\"endpoint\":\"/v1/chat/completions\",\"model\":\"m\",";

  private final AttackedService service;
  private final String key;

  /** Another workspace's. */
  private final String strangersFile;

  private final Map<String, Maker> makers =
      Map.ofEntries(
          Map.entry("POST /v1/files", this::upload),
          Map.entry("GET /v1/files", this::plain),
          Map.entry("GET /v1/files/{id}", this::ofFile),
          Map.entry("DELETE /v1/files/{id}", this::ofFile),
          Map.entry("GET /v1/files/{id}/content", this::ofFile),
          Map.entry("HEAD /v1/files/{id}/content", this::ofFile),
          Map.entry("GET /v1/files/{id}/url", this::ofFile),
          Map.entry("GET /v1/files/{id}/check", this::ofFile),
          Map.entry("GET /download/{workspace}/{id}", this::signed),
          Map.entry("HEAD /download/{workspace}/{id}", this::signed),
          Map.entry("POST /v1/batch/jobs", this::createJob),
          Map.entry("GET /v1/batch/jobs", this::plain),
          Map.entry("GET /v1/batch/jobs/{id}", this::ofJob),
          Map.entry("DELETE /v1/batch/jobs/{id}", this::ofEndedJob),
          Map.entry("POST /v1/batch/jobs/{id}/cancel", this::ofRunningJob),
          Map.entry("GET /v1/batch/jobs/{id}/progress", this::ofJob),
          Map.entry("GET /v1/batch/jobs/{id}/report", this::ofEndedJob),
          Map.entry("GET /v1/batch/jobs/{id}/report/url", this::ofEndedJob),
          Map.entry("GET /report/{workspace}/{id}", this::signedReport),
          Map.entry("POST /v1/batches", this::createBatch),
          Map.entry("GET /v1/batches", this::plain),
          Map.entry("GET /v1/batches/{id}", this::ofJob),
          Map.entry("POST /v1/batches/{id}/cancel", this::ofRunningJob),
          Map.entry("GET /healthz", this::plain),
          Map.entry("GET /readyz", this::plain),
          Map.entry("GET /metrics", this::plain),
          Map.entry("GET /openapi.json", this::plain),
          Map.entry("GET /", this::plain),
          Map.entry("GET /page/{asset}", route -> asking(route, "page.js")));

  /** Makes what a call needs, and the call. */
  private interface Maker {
    ProperCall make(Route route) throws IOException;
  }

  ProperCalls(AttackedService service, String strangersFile) {
    this.service = service;
    this.key = service.acmeKey;
    this.strangersFile = strangersFile;
  }

  static String name(Route route) {
    return route.method() + " " + route.pattern();
  }

  Set<String> names() {
    return makers.keySet();
  }

  ProperCall of(Route route) throws IOException {
    Maker maker = makers.get(name(route));
    if (maker == null) {
      throw new AssertionError(
          "no attacks on " + name(route) + "; say what a proper call of it is");
    }
    return maker.make(route);
  }

  private ProperCall plain(Route route) {
    return ProperCall.plain(route, route.pattern(), route.open() ? "-" : key);
  }

  private ProperCall asking(Route route, String variable) {
    String target = route.pattern().replaceFirst("\\{[a-z]+\\}", variable);
    return ProperCall.plain(route, target, route.open() ? "-" : key);
  }

  private ProperCall upload(Route route) {
    return ProperCall.with(route, key, Form.TYPE, Form.file("a.jsonl", Form.LINE), "");
  }

  private ProperCall createJob(Route route) {
    return ProperCall.with(
        route,
        key,
        JSON,
        CHAT + "\"requests\":[{\"custom_id\":\"a\",\"body\":{}}]}",
        CHAT + "\"input_files\":[\"" + strangersFile + "\"]}");
  }

  private ProperCall createBatch(Route route) throws IOException {
    String body = CHAT + "\"completion_window\":\"24h\",\"input_file_id\":\"%s\"}";
    return ProperCall.with(
        route,
        key,
        JSON,
        body.formatted(service.upload(key, Form.LINE)),
        body.formatted(strangersFile));
  }

  private ProperCall ofFile(Route route) throws IOException {
    return asking(route, service.upload(key, Form.LINE));
  }

  private ProperCall signed(Route route) throws IOException {
    String file = service.upload(key, Form.LINE);
    return ProperCall.plain(route, service.address(key, "/v1/files/" + file), "-");
  }

  private ProperCall signedReport(Route route) throws IOException {
    String id = service.job(key);
    service.ended(id);
    return ProperCall.plain(route, service.address(key, "/v1/batch/jobs/" + id + "/report"), "-");
  }

  private ProperCall ofJob(Route route) throws IOException {
    return asking(route, service.job(key));
  }

  private ProperCall ofEndedJob(Route route) throws IOException {
    String id = service.job(key);
    service.ended(id);
    return asking(route, id);
  }

  private ProperCall ofRunningJob(Route route) throws IOException {
    service.runners.block();
    return asking(route, service.job(key));
  }
}
