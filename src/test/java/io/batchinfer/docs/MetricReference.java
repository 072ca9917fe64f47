package io.batchinfer.docs;

import io.batchinfer.metrics.Metric;

/** The reference page of all metrics. */
final class MetricReference {
  private MetricReference() {}

  static String render() {
    StringBuilder text = new StringBuilder();
    text.append(
        """
        # Metrics

        This page is generated from the code. The service shows its metrics at `/metrics`, without a key and in
        Prometheus' text format; `conf/grafana/batchinfer.json` is a dashboard of all of them.

        | metric | type | labels | what it says |
        | --- | --- | --- | --- |
        """);
    for (Metric metric : Metric.values()) {
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  metric.exported(),
                  metric.type(),
                  String.join(", ", metric.labels().stream().map("`%s`"::formatted).toList()),
                  metric.description()));
    }
    text.append(
        """

        - A summary also has `_count`, `_sum` and `_max`, and the quantiles 0.5 and 0.99 of the last two minutes.
        - `workspace` is `all` unless the service runs with `--metrics-by-workspace`: whoever may read `/metrics` could
          otherwise read what other workspaces do.
        - `route` is the pattern of a path, never the path itself; `-` where there is none. `status` of a call is the
          HTTP status, and 499 where the client did not wait for the answer; `status` of a job is Mistral's word.
        - `outcome` is `succeeded` or `failed`; `kind` is `prompt` or `completion`.
        - Counters begin at zero with each start of the service. Of a job that goes on after a restart, only what comes
          after it is counted.
        """);
    return text.toString();
  }
}
