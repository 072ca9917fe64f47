package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.schedule.BatchScheduler;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.Texts;
import java.util.function.Function;

/** What the APIs have in common: creating, finding, showing and cancelling one job. */
final class JobCalls {
  private final BatchRegistry registry;
  private final BatchScheduler scheduler;
  private final JobCreation creation;
  private final RequestBody bodies;
  private final Form form;

  /**
   * How an API speaks of a job.
   *
   * @param noun what its error messages call a job
   * @param reader reads its create request
   * @param json a job in its form
   * @param status its word for the state of a job
   */
  record Form(
      Dialect dialect,
      String noun,
      JobCreation.Reader reader,
      Function<BatchJob, byte[]> json,
      Function<BatchJob, String> status) {}

  JobCalls(
      BatchRegistry registry,
      BatchScheduler scheduler,
      JobCreation creation,
      RequestBody bodies,
      Form form) {
    this.registry = registry;
    this.scheduler = scheduler;
    this.creation = creation;
    this.bodies = bodies;
    this.form = form;
  }

  void create(Call call) {
    bodies.read(
        call,
        body -> creation.create(call, body, form.dialect(), form.reader(), job -> show(call, job)));
  }

  /**
   * The job that the path names.
   *
   * @throws ApiError if the workspace has none of that id
   */
  BatchJob job(Call call) {
    return find(registry, call, form.noun());
  }

  /**
   * The job that the path names, for whatever shows something of it.
   *
   * @param noun what error messages call a job
   * @throws ApiError if the workspace has none of that id
   */
  static BatchJob find(BatchRegistry registry, Call call, String noun) {
    String id = call.variable("id");
    return registry
        .job(call.workspace(), id)
        .orElseThrow(
            () -> ApiError.notFound("No %s found with id '%s'.".formatted(noun, Texts.shown(id))));
  }

  void show(Call call, BatchJob job) {
    call.json(form.json().apply(job));
  }

  /** Cancels the job that the path names; a cancelled one is shown as it is. */
  void cancel(Call call) {
    BatchJob job = job(call);
    BatchStatus status = job.state().status();
    if (status.isTerminal() && status != BatchStatus.CANCELLED) {
      throw ApiError.conflict(
          "Cannot cancel a %s with status '%s'.".formatted(form.noun(), form.status().apply(job)));
    }
    call.blocking(
        () -> registry.cancel(job.workspace(), job.id()).orElse(job),
        changed -> {
          scheduler.wake();
          show(call, changed);
        });
  }
}
