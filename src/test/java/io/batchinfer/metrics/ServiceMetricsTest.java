package io.batchinfer.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What Prometheus reads is what the catalogue says. */
class ServiceMetricsTest {
  private static final Pattern TYPE = Pattern.compile("(?m)^# TYPE (\\S+) (\\S+)$");
  private final ServiceMetrics metrics = new ServiceMetrics(true);

  private void touchEverything() {
    for (Metric metric : Metric.values()) {
      String[] labels = metric.labels().toArray(String[]::new);
      switch (metric) {
        case HTTP_REQUESTS -> {
          metrics.callBegan();
          metrics.callEnded("GET", "/v1/files", 200, 2_000_000_000L);
        }
        case HTTP_REQUESTS_ACTIVE -> metrics.callBegan();
        case JOBS, JOBS_RUNNING, REQUESTS_PENDING ->
            metrics.set(metric, List.of(new ServiceMetrics.Reading(List.of(labels), 3)));
        case UPLOADED_BYTES, DOWNLOADED_BYTES, JOBS_ENDED, REQUESTS, TOKENS, COST ->
            metrics.add(metric, 2.5, labels);
      }
    }
  }

  @Test
  void everyMetricIsShownUnderItsNameWithItsTypeLabelsAndDescription() {
    touchEverything();

    String text = metrics.text();

    for (Metric metric : Metric.values()) {
      assertThat(text)
          .contains("# TYPE " + metric.exported() + " " + metric.type() + "\n")
          .contains("# HELP " + metric.exported() + " " + metric.description() + "\n");
      String shown = metric.exported() + (metric.type().equals("summary") ? "_count" : "");
      String labels =
          String.join(
              ",",
              new TreeSet<>(metric.labels()).stream().map("%s=\"[^\"]*\""::formatted).toList());
      assertThat(text)
          .containsPattern(
              "(?m)^" + shown + (labels.isEmpty() ? "" : "\\{" + labels + "\\}") + " ");
    }
  }

  @Test
  void nothingElseIsShownExceptTheLongestOfASummary() {
    touchEverything();

    assertThat(TYPE.matcher(metrics.text()).results().map((MatchResult line) -> line.group(1)))
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(
                    Stream.of(Metric.values()).map(Metric::exported),
                    Stream.of(Metric.HTTP_REQUESTS.exported() + "_max"))
                .toList());
  }

  @Test
  void callsAreTimedInSecondsWithTheirMedianAndTail() {
    metrics.callBegan();
    metrics.callBegan();
    metrics.callEnded("GET", "/v1/files/{id}", 200, 250_000_000L);

    assertThat(metrics.text())
        .contains("batchinfer_http_requests_active 1.0\n")
        .containsPattern(
            "batchinfer_http_requests_seconds\\{method=\"GET\",route=\"/v1/files/\\{id\\}\",status=\"200\",quantile=\"0.5\"\\} 0\\.2[45]")
        .containsPattern(
            "batchinfer_http_requests_seconds\\{[^}]*\\},?[^}]*quantile=\"0.99\"\\} 0\\.2[45]")
        .contains(
            "batchinfer_http_requests_seconds_sum{method=\"GET\",route=\"/v1/files/{id}\",status=\"200\"} 0.25\n");
  }

  @Test
  void countersAddUpAndIgnoreWhatIsNothing() {
    metrics.add(Metric.COST, 1.5, "team-a");
    metrics.add(Metric.COST, 0.25, "team-a");
    metrics.add(Metric.COST, 0, "team-b");

    assertThat(metrics.text())
        .contains("batchinfer_cost_total{workspace=\"team-a\"} 1.75\n")
        .doesNotContain("team-b");
  }

  @Test
  void workspacesAreSummedUpUnlessTheReaderMayTellThemApart() {
    ServiceMetrics shared = new ServiceMetrics(false);
    shared.add(Metric.COST, 1.5, "team-a");
    shared.add(Metric.COST, 0.25, "team-b");
    shared.set(
        Metric.REQUESTS_PENDING,
        List.of(
            new ServiceMetrics.Reading(List.of("team-a"), 7),
            new ServiceMetrics.Reading(List.of("team-b"), 8)));

    assertThat(shared.text())
        .contains("batchinfer_cost_total{workspace=\"all\"} 1.75\n")
        .contains("batchinfer_requests_pending{workspace=\"all\"} 15.0\n")
        .doesNotContain("team-");
  }

  @Test
  void gaugesForgetWhatIsNoMore() {
    metrics.set(Metric.REQUESTS_PENDING, List.of(new ServiceMetrics.Reading(List.of("team-a"), 7)));
    metrics.set(Metric.REQUESTS_PENDING, List.of(new ServiceMetrics.Reading(List.of("team-b"), 8)));

    assertThat(metrics.text())
        .contains("batchinfer_requests_pending{workspace=\"team-b\"} 8.0\n")
        .doesNotContain("team-a");
  }
}
