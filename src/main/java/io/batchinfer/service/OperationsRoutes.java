package io.batchinfer.service;

import io.batchinfer.json.JsonLine;
import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.metrics.ServiceMetrics.Reading;
import io.batchinfer.model.BatchJob;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchRegistry;
import io.vertx.core.http.HttpMethod;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/** What whoever operates the service looks at: is it alive, is it ready, what does it do. */
final class OperationsRoutes {
  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final ServiceMetrics metrics;
  private final BooleanSupplier ready;

  OperationsRoutes(
      BatchRegistry registry,
      BatchScheduler scheduler,
      ServiceMetrics metrics,
      BooleanSupplier ready) {
    this.registry = registry;
    this.scheduler = scheduler;
    this.metrics = metrics;
    this.ready = ready;
  }

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.GET, "/healthz", true, call -> status(call, scheduler.isAtWork())),
        new Route(
            HttpMethod.GET,
            "/readyz",
            true,
            call -> status(call, ready.getAsBoolean() && scheduler.isAtWork())),
        new Route(HttpMethod.GET, "/metrics", true, this::metrics));
  }

  private static void status(Call call, boolean good) {
    byte[] body =
        JsonLine.of(Map.of("status", good ? "ok" : "not ready")).getBytes(StandardCharsets.UTF_8);
    call.send(good ? 200 : 503, "application/json", body);
  }

  private void metrics(Call call) {
    call.blocking(
        () -> {
          count();
          return metrics.text().getBytes(StandardCharsets.UTF_8);
        },
        text -> call.send(200, PROMETHEUS, text));
  }

  private void count() {
    List<Reading> jobs = new ArrayList<>();
    List<Reading> pending = new ArrayList<>();
    for (String workspace : registry.workspaces()) {
      Map<String, Long> byStatus = new TreeMap<>();
      long open = 0;
      for (BatchJob job : registry.jobs(workspace)) {
        byStatus.merge(job.state().status().name(), 1L, Long::sum);
        open += job.pending();
      }
      byStatus.forEach((status, count) -> jobs.add(new Reading(List.of(workspace, status), count)));
      pending.add(new Reading(List.of(workspace), open));
    }
    metrics.set(Metric.JOBS, jobs);
    metrics.set(Metric.REQUESTS_PENDING, pending);
    metrics.set(Metric.JOBS_RUNNING, List.of(new Reading(List.of(), scheduler.runningJobs())));
  }
}
