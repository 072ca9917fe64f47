package io.batchinfer.service;

import io.batchinfer.api.DialectJson;
import io.batchinfer.api.OpenAiCreate;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchRegistry;
import io.vertx.core.http.HttpMethod;
import java.util.List;

/** OpenAI's batches. */
final class OpenAiRoutes {
  private static final int DEFAULT_LIMIT = 20;
  private static final int MOST = 100;

  private final BatchRegistry registry;
  private final JobCalls jobs;

  OpenAiRoutes(
      BatchRegistry registry,
      BatchScheduler scheduler,
      JobCreation creation,
      OpenAiCreate reader,
      RequestBody bodies) {
    this.registry = registry;
    this.jobs =
        new JobCalls(
            registry,
            scheduler,
            creation,
            bodies,
            new JobCalls.Form(
                Dialect.OPENAI,
                "batch",
                reader::read,
                DialectJson::openAi,
                DialectJson::openAiStatus));
  }

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.POST, "/v1/batches", false, jobs::create),
        new Route(HttpMethod.GET, "/v1/batches", false, this::list),
        new Route(HttpMethod.GET, "/v1/batches/{id}", false, this::get),
        new Route(HttpMethod.POST, "/v1/batches/{id}/cancel", false, jobs::cancel));
  }

  private void get(Call call) {
    jobs.show(call, jobs.job(call));
  }

  private void list(Call call) {
    int limit = (int) Queries.number(call, "limit", 1, MOST, DEFAULT_LIMIT);
    List<BatchJob> found = registry.jobs(call.workspace());
    Page<BatchJob> page = Page.after(found, BatchJob::id, call.query("after"), limit);
    call.json(DialectJson.openAi(page.items(), page.hasMore()));
  }
}
