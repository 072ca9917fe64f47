package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.api.OpenAiCreate;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.Texts;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** OpenAI's batches. */
final class OpenAiRoutes {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MOST = 100;

  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final JobCreation creation;
  private final OpenAiCreate reader;
  private final RequestBody bodies;

  OpenAiRoutes(
      BatchRegistry registry,
      BatchScheduler scheduler,
      JobCreation creation,
      OpenAiCreate reader,
      RequestBody bodies) {
    this.registry = registry;
    this.scheduler = scheduler;
    this.creation = creation;
    this.reader = reader;
    this.bodies = bodies;
  }

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.POST, "/v1/batches", false, this::create),
        new Route(HttpMethod.GET, "/v1/batches", false, this::list),
        new Route(HttpMethod.GET, "/v1/batches/{id}", false, this::get),
        new Route(HttpMethod.POST, "/v1/batches/{id}/cancel", false, this::cancel));
  }

  private void create(Call call) {
    bodies.read(
        call,
        body ->
            creation.create(
                call,
                body,
                Dialect.OPENAI,
                reader::read,
                job -> call.json(DialectJson.openAi(job))));
  }

  private BatchJob job(Call call) {
    String id = call.variable("id");
    return registry
        .job(call.workspace(), id)
        .orElseThrow(
            () -> ApiError.notFound("No batch found with id '%s'.".formatted(Texts.shown(id))));
  }

  private void get(Call call) {
    call.json(DialectJson.openAi(job(call)));
  }

  private void list(Call call) {
    int limit = (int) Queries.number(call, "limit", 1, MOST, DEFAULT_LIMIT);
    List<BatchJob> jobs = registry.jobs(call.workspace());
    Page<BatchJob> page = Page.after(jobs, BatchJob::id, call.query("after"), limit);
    call.json(DialectJson.openAi(page.items(), page.hasMore()));
  }

  private void cancel(Call call) {
    BatchJob job = job(call);
    BatchStatus status = job.state().status();
    if (status.isTerminal() && status != BatchStatus.CANCELLED) {
      throw ApiError.conflict(
          "Cannot cancel a batch with status '%s'.".formatted(DialectJson.openAiStatus(job)));
    }
    call.blocking(
        () -> registry.cancel(job.workspace(), job.id()).orElse(job),
        changed -> {
          scheduler.wake();
          call.json(DialectJson.openAi(changed));
        });
  }
}
