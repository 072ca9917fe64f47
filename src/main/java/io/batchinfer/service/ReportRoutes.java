package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchJob;
import io.batchinfer.report.ServiceReport;
import io.batchinfer.store.BatchRegistry;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import java.io.ByteArrayInputStream;
import java.util.List;

/**
 * How a job went, as a page for the browser. A service of its own, beside the APIs. A browser that
 * follows a link sends no key, so the page is also at an address that opens without one.
 */
final class ReportRoutes {
  /**
   * What the page itself allows, and no more: nothing may hold it in a frame, and it is of no
   * origin, so that whatever it ran could read nothing of the service's page.
   */
  private static final String POLICY =
      ServiceReport.POLICY + "; frame-ancestors 'none'; sandbox allow-scripts";

  private final BatchRegistry registry;
  private final BodyStreams streams;
  private final OpenAddresses addresses;
  private final HeapShare share;
  private final HeavyWork work = new HeavyWork();

  ReportRoutes(
      BatchRegistry registry, BodyStreams streams, OpenAddresses addresses, HeapShare share) {
    this.registry = registry;
    this.streams = streams;
    this.addresses = addresses;
    this.share = share;
  }

  List<Route> routes() {
    return List.of(
        new Route(
            HttpMethod.GET, "/v1/batch/jobs/{id}/report", false, call -> report(call, job(call))),
        new Route(HttpMethod.GET, "/v1/batch/jobs/{id}/report/url", false, this::url),
        new Route(HttpMethod.GET, "/report/{workspace}/{id}", true, this::signed));
  }

  private BatchJob job(Call call) {
    return JobCalls.find(registry, call, "batch job");
  }

  private JobFolder run(BatchJob job) {
    return registry.store().run(job.workspace(), job.id());
  }

  /** No address is given of a report that there is not. */
  private void url(Call call) {
    BatchJob job = job(call);
    call.blocking(
        () -> {
          ServiceReport.demand(run(job), job);
          return job.id();
        },
        id -> addresses.give(call, id));
  }

  private void signed(Call call) {
    addresses.check(call);
    report(
        call,
        registry
            .job(call.variable("workspace"), call.variable("id"))
            .orElseThrow(() -> ApiError.notFound("The job was deleted.")));
  }

  private void report(Call call, BatchJob job) {
    work.blocking(
        call, () -> ServiceReport.forCaller(run(job), job), page -> send(call, job, page));
  }

  private void send(Call call, BatchJob job, byte[] page) {
    if (call.isGone()) {
      return;
    }
    if (!share.take(page.length)) {
      throw HeapShare.overloaded();
    }
    call.whenOver(() -> share.give(page.length));
    HttpServerResponse response = call.response();
    response.putHeader("content-security-policy", POLICY);
    response.putHeader("referrer-policy", "no-referrer");
    response.putHeader("x-frame-options", "DENY");
    // It changes while the job runs, and is gone when the job is deleted.
    response.putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.putHeader(HttpHeaders.CONTENT_TYPE, "text/html; charset=utf-8");
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(page.length));
    response.putHeader(
        HttpHeaders.CONTENT_DISPOSITION, "inline; filename=\"" + job.id() + "_report.html\"");
    streams.send(call, job.workspace(), () -> new ByteArrayInputStream(page), page.length);
  }
}
