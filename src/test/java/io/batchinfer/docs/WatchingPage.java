package io.batchinfer.docs;

import io.batchinfer.watch.RunMetric;
import io.batchinfer.watch.otlp.GenAi;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The page on watching a run, with the names as the code has them. */
final class WatchingPage {
  private WatchingPage() {}

  static String render() {
    return """
        # Watching a run

        This page is generated from the code. A run can be watched in five ways; none is needed.

        | way | what it shows | needs |
        | --- | --- | --- |
        | the terminal, `status`, `job.json` | rows, tokens, cost, what the run waits for | nothing |
        | `run --page` | how far the run is, its summary, and a button that cancels the run | a browser on the driver's machine |
        | Spark's pages | which step the job is in | nothing |
        | Spark's metrics system | the numbers below, of the driver and of each executor | a sink of Spark's |
        | OpenTelemetry | the numbers below, every attempt as a measurement, spans | `--otlp-endpoint` |

        ## The run's own page

        `run --page` serves a page while the run lasts, and the start line has its address; `--page 8099` takes that port. How far the run is
        comes every second, its summary anew every five; what is recorded for it is [up to 15 s old](output.md#how-a-job-went). *Cancel the run* does what
        Ctrl-C does: what is under way is waited for and saved, and the same command goes on. `batchinfer status OUT --watch` is the same on a
        terminal, for a run of any machine, without the button (`batchinfer cancel OUT` is that). A test opens the page in Chromium while it moves, ends the
        run with its button, and has axe-core look for barriers; it finds none.

        The page listens on 127.0.0.1 alone. Its address holds 128 random bits, which are made anew for each run and stand in no file; who knows it
        may read it and cancel the run. It answers only under that very address, not under another name of the machine, so a page
        elsewhere can neither read it nor, by a link, a form or a script, cancel the run. It shows no prompts, answers or keys; `custom_id`s and messages of
        errors it does. On a cluster in cluster mode the driver's machine is one of the cluster's, and nothing is to be seen from elsewhere. An address
        in a browser is kept in its history.

        ## Spark's pages

        Every Spark job and its stage bear the same words, and the output folder as their group unless the caller has set one:

        - `batchinfer: plan, read 12 parts of the input`, before it `unpack …` for compressed files, after it `look for equal ids among …`;
        - `batchinfer: send, 41 %% of 200,000 rows settled before`;
        - `batchinfer: look for rows that run again`, `batchinfer: proof of 200,000 rows`.

        Spark fixes these words when a job starts. The tasks of planning and proof are many, so their bar shows how far they are. Sending
        is one job of few long tasks: its bar stays empty to the end, its words say what was settled before it began (again), and how far it
        is since is in `rows.settled` and `rows.total`.

        ## Spark's metrics

        Every process that works for a run has the source `batchinfer.worker`, and the driver has `batchinfer.run`. They are registered
        when the first run begins, also in a Spark session that was there before, so nothing has to be set but a sink.

        | metric | kind | unit | what it says |
        | --- | --- | --- | --- |
        %s| `rows.total`, `rows.settled` | gauge | {row} | Only at the driver: rows of the runs that are sending, and those of them that are settled, in this run or before. |

        - `batchinfer.worker` is the process's own view: it has counted itself, since it started, over all runs.
        - `batchinfer.run` has the same names over all processes, as they last reported, about twice a second. Below `executor.ID.` it has them
          for each executor that works for a run now. When a run ends, its rows, tokens and cost are completed by its published parts;
          attempts of its last half second may be missing.
        - Where all runs in one process (`local[*]`), both sources are there, and the one executor is `driver`.

        | sink or page | driver | executor | tried |
        | --- | --- | --- | --- |
        | `/metrics/json` of the driver's page (on by default) | `batchinfer.run` | below `batchinfer.run.executor.ID` | yes |
        | `/metrics/prometheus` of the driver's page | `batchinfer.run` | below `batchinfer.run.executor.ID` | yes |
        | `/metrics/executors/prometheus` | nothing of ours | nothing of ours: Spark shows a fixed list of its own there | yes |
        | CSV | `batchinfer.run` | `batchinfer.worker` | yes, on executors |
        | Graphite, StatsD, JMX, console | `batchinfer.run` | `batchinfer.worker` | no |

        An executor has no page of its own, so no scraper can ask it; that is why the driver shows each of them. Prometheus at the driver's page:

        ```
        spark.metrics.conf.*.sink.prometheusServlet.class=org.apache.spark.metrics.sink.PrometheusServlet
        spark.metrics.conf.*.sink.prometheusServlet.path=/metrics/prometheus
        spark.metrics.namespace=batchinfer
        ```

        The last line puts `batchinfer` in place of the application's id, so that names stay the same from run to run. In local mode the page is
        off unless `spark.ui.enabled=true`. With `local-cluster[1,1,1024]`, while a simulated run of 3,000 rows went on, the driver's page had:

        ```
        metrics_batchinfer_driver_batchinfer_run_rows_total_Value{type="gauges"} 3000
        metrics_batchinfer_driver_batchinfer_run_rows_settled_Value{type="gauges"} 102
        metrics_batchinfer_driver_batchinfer_run_executor_0_rows_succeeded_Count{type="counters"} 102
        metrics_batchinfer_driver_batchinfer_run_executor_0_attempts_answered_Count{type="counters"} 102
        metrics_batchinfer_driver_batchinfer_run_executor_0_tokens_output_Count{type="counters"} 3292
        metrics_batchinfer_driver_batchinfer_run_executor_0_requests_active_Value{type="gauges"} 1
        metrics_batchinfer_driver_batchinfer_run_executor_0_requests_waiting_Value{type="gauges"} 230
        metrics_batchinfer_driver_batchinfer_run_executor_0_journal_lag_Value{type="gauges"} 187
        ```

        A scraper misses most of a run of a few minutes. `job.json` and `--summary-file` are the record that stays.

        ## OpenTelemetry

        `--otlp-endpoint http://collector:4318` tells a collector of the run, in OTLP over HTTP (protobuf, not gRPC). Driver and executors each send to
        it themselves, every ten seconds and at their end. Headers for it are in the driver's environment variable that `--otlp-headers-env` names, by
        default `OTEL_EXPORTER_OTLP_HEADERS`; executors get them as they get the API key, and keep them in memory. TLS goes by the
        certificates that Java trusts; `--ca-file` and proxies do not apply to the collector.

        **No text of a request or an answer, no `custom_id`, no path of a file and no key is sent.** The names of models are, where they look like names (up
        to 100 letters, digits and `._:/@+-`) and hold no key of the run.

        | metric | unit | attributes | bounds |
        | --- | --- | --- | --- |
        | `%s` | s | %s, `%s` | %s |
        | `%s` | {token} | %s, `%s` | %s |
        | `batchinfer.` and a name of the table above | as there | | |

        The first two are those of OpenTelemetry's [conventions for generative AI](https://opentelemetry.io/docs/specs/semconv/gen-ai/), which are still in
        development. One attempt is one operation, so a row that is sent again is measured twice, and rows that share a request once. `error.type` is the
        status of a refusal, or a word of the [status table](status-table.md) such as `timed_out`. `gen_ai.provider.name` is the provider of `--provider`
        in the conventions' word (`mistral_ai`, `azure.ai.openai`, `gcp.gemini`); without one it is `openai`, since that is whose API is spoken.

        | span | one for | attributes |
        | --- | --- | --- |
        | `batchinfer run` | the run, from its driver | `batchinfer.job`, `batchinfer.status`, `batchinfer.rows`, `batchinfer.rows.failed`, `gen_ai.usage.input_tokens`, `gen_ai.usage.output_tokens`, `error.type` |
        | `batchinfer split` | each split that a process works on, below the run | `batchinfer.split`, `batchinfer.rows`, `batchinfer.rows.failed` |
        | `chat MODEL`, `embeddings MODEL` … | one row in a thousand, and the first hundred that fail in each process, below their split | `batchinfer.split`, `batchinfer.line`, `batchinfer.attempts`, `gen_ai.operation.name`, `gen_ai.request.model`, `error.type` |

        A collector that is away, refuses or hangs changes nothing: what waits to be sent is bounded, is sent by threads of its own and dropped beyond that,
        one notice says so, and each process waits at most two seconds for it at its end, and not at all for one that had refused before. A driver that is
        killed sends no span of its run.
        """
        .formatted(
            metrics(),
            GenAi.OPERATION_DURATION,
            common(),
            GenAi.ERROR_TYPE.getKey(),
            bounds(GenAi.DURATION_BOUNDS),
            GenAi.TOKEN_USAGE,
            common(),
            GenAi.TOKEN_TYPE.getKey(),
            bounds(GenAi.TOKEN_BOUNDS));
  }

  private static String metrics() {
    StringBuilder rows = new StringBuilder();
    for (RunMetric metric : RunMetric.values()) {
      rows.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  metric.dotted(),
                  metric.kind().name().toLowerCase(Locale.ROOT),
                  metric.unit(),
                  metric.description()));
    }
    return rows.toString();
  }

  private static String common() {
    return List.of(
            GenAi.OPERATION_NAME,
            GenAi.PROVIDER_NAME,
            GenAi.REQUEST_MODEL,
            GenAi.RESPONSE_MODEL,
            GenAi.SERVER_ADDRESS,
            GenAi.SERVER_PORT)
        .stream()
        .map(key -> "`" + key.getKey() + "`")
        .collect(Collectors.joining(", "));
  }

  private static String bounds(List<? extends Number> bounds) {
    return "%s, %s, %s … %s"
        .formatted(bounds.get(0), bounds.get(1), bounds.get(2), bounds.get(bounds.size() - 1));
  }
}
