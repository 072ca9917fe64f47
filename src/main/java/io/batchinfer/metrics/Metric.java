package io.batchinfer.metrics;

import java.util.List;

/** Every metric there is, under the name that Prometheus shows. */
public enum Metric {
  HTTP_REQUESTS(
      "batchinfer_http_requests_seconds",
      "summary",
      "Calls of the API and how long they took.",
      "method",
      "route",
      "status"),
  HTTP_REQUESTS_ACTIVE(
      "batchinfer_http_requests_active", "gauge", "Calls of the API that are being answered."),
  UPLOADED_BYTES(
      "batchinfer_uploaded_bytes_total", "counter", "Bytes of uploaded files.", Metric.WORKSPACE),
  DOWNLOADED_BYTES(
      "batchinfer_downloaded_bytes_total",
      "counter",
      "Bytes of downloaded files.",
      Metric.WORKSPACE),
  JOBS("batchinfer_jobs", "gauge", "Jobs of the store by status.", Metric.WORKSPACE, "status"),
  JOBS_RUNNING("batchinfer_jobs_running", "gauge", "Jobs that a run is working on."),
  JOBS_ENDED(
      "batchinfer_jobs_ended_total",
      "counter",
      "Jobs that came to their end since the service started.",
      Metric.WORKSPACE,
      "status"),
  REQUESTS(
      "batchinfer_requests_total",
      "counter",
      "Inference requests that were settled since the service started.",
      Metric.WORKSPACE,
      "outcome"),
  REQUESTS_PENDING(
      "batchinfer_requests_pending",
      "gauge",
      "Inference requests of unfinished jobs that are not settled.",
      Metric.WORKSPACE),
  TOKENS(
      "batchinfer_tokens_total",
      "counter",
      "Tokens of answers since the service started.",
      Metric.WORKSPACE,
      "kind"),
  COST(
      "batchinfer_cost_total",
      "counter",
      "What answers cost since the service started, in the currency of the price list, where"
          + " prices are known.",
      Metric.WORKSPACE);

  /** The label that names a workspace. */
  static final String WORKSPACE = "workspace";

  private final String exported;
  private final String type;
  private final String description;
  private final String labels;

  Metric(String exported, String type, String description, String... labels) {
    this.exported = exported;
    this.type = type;
    this.description = description;
    this.labels = String.join(" ", labels);
  }

  /** The name as Prometheus shows it; a summary has {@code _count}, {@code _sum} and more. */
  public String exported() {
    return exported;
  }

  /** Prometheus' type. */
  public String type() {
    return type;
  }

  public String description() {
    return description;
  }

  public List<String> labels() {
    return labels.isEmpty() ? List.of() : List.of(labels.split(" ", -1));
  }
}
