package io.batchinfer.service;

import io.batchinfer.api.DialectJson;
import io.batchinfer.api.MistralCreate;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchRegistry;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Mistral's batch jobs, and how a job goes over time. */
final class MistralRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final Set<String> NO_METADATA =
      Set.of(
          "page",
          "page_size",
          "model",
          "agent_id",
          "created_after",
          "created_by_me",
          "status",
          "status[]",
          "order_by");

  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final JobCalls jobs;
  private final InlineOutputs outputs;

  MistralRoutes(
      BatchRegistry registry,
      BatchScheduler scheduler,
      JobCreation creation,
      MistralCreate reader,
      RequestBody bodies,
      InlineOutputs outputs) {
    this.registry = registry;
    this.scheduler = scheduler;
    this.outputs = outputs;
    this.jobs =
        new JobCalls(
            registry,
            scheduler,
            creation,
            bodies,
            new JobCalls.Form(
                Dialect.MISTRAL,
                "batch job",
                reader::read,
                DialectJson::mistral,
                job -> job.state().status().name()));
  }

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.POST, "/v1/batch/jobs", false, jobs::create),
        new Route(HttpMethod.GET, "/v1/batch/jobs", false, this::list),
        new Route(HttpMethod.GET, "/v1/batch/jobs/{id}", false, this::get),
        new Route(HttpMethod.DELETE, "/v1/batch/jobs/{id}", false, this::delete),
        new Route(HttpMethod.POST, "/v1/batch/jobs/{id}/cancel", false, jobs::cancel),
        new Route(HttpMethod.GET, "/v1/batch/jobs/{id}/progress", false, this::progress));
  }

  private void get(Call call) {
    BatchJob job = jobs.job(call);
    boolean wanted = Queries.flag(call, "inline", job.spec().input().inline());
    if (wanted && job.state().status().isTerminal()) {
      call.response().putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
      outputs.send(call, job);
    } else {
      jobs.show(call, job);
    }
  }

  private void list(Call call) {
    List<BatchJob> found = new ArrayList<>();
    Filter filter = Filter.of(call);
    for (BatchJob job : registry.jobs(call.workspace())) {
      if (filter.accepts(job)) {
        found.add(job);
      }
    }
    String order = Queries.oneOf(call, "order_by", List.of("created", "-created"), "-created");
    if (order.equals("created")) {
      Collections.reverse(found);
    }
    Page<BatchJob> page = Page.numbered(call, found, DEFAULT_PAGE);
    call.json(DialectJson.mistral(page.items(), found.size()));
  }

  /** What a list is to hold. */
  private record Filter(
      Optional<String> model,
      Optional<String> agentId,
      long createdAfterMillis,
      Optional<String> createdBy,
      Set<BatchStatus> statuses,
      Map<String, String> metadata) {

    static Filter of(Call call) {
      Set<BatchStatus> statuses = new HashSet<>();
      for (String text : call.queries("status")) {
        for (String word : text.split(",", -1)) {
          statuses.add(status(word));
        }
      }
      return new Filter(
          call.query("model"),
          call.query("agent_id"),
          call.query("created_after").map(Timestamps::millis).orElse(Long.MIN_VALUE),
          Queries.flag(call, "created_by_me", false) ? Optional.of(call.keyId()) : Optional.empty(),
          statuses,
          metadata(call));
    }

    private static BatchStatus status(String word) {
      return Stream.of(BatchStatus.values())
          .filter(status -> status.name().equals(word))
          .findFirst()
          .orElseThrow(
              () ->
                  Queries.wrong(
                      "status",
                      word,
                      "one of "
                          + String.join(
                              ", ", Stream.of(BatchStatus.values()).map(Enum::name).toList())));
    }

    /** Mistral's clients send each pair of the filter as a parameter of its own. */
    private static Map<String, String> metadata(Call call) {
      Map<String, String> metadata = new HashMap<>();
      for (Map.Entry<String, String> parameter : call.parameters()) {
        if (!NO_METADATA.contains(parameter.getKey())) {
          metadata.put(parameter.getKey(), parameter.getValue());
        }
      }
      return metadata;
    }

    boolean accepts(BatchJob job) {
      BatchJob.Spec spec = job.spec();
      return (statuses.isEmpty() || statuses.contains(job.state().status()))
          && spec.createdMillis() > createdAfterMillis
          && (model.isEmpty() || model.get().equals(job.model()))
          && (agentId.isEmpty() || agentId.get().equals(spec.target().agentId()))
          && (createdBy.isEmpty() || createdBy.get().equals(spec.creation().by()))
          && spec.metadata().entrySet().containsAll(metadata.entrySet());
    }
  }

  private void delete(Call call) {
    BatchJob job = jobs.job(call);
    call.blocking(
        () -> {
          registry.delete(job);
          return job.id();
        },
        id -> call.json(DialectJson.deleted(id, "batch")));
  }

  private void progress(Call call) {
    BatchJob job = jobs.job(call);
    call.blocking(() -> DialectJson.progress(job, scheduler.points(job)), call::json);
  }
}
