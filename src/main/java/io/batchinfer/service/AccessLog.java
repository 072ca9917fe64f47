package io.batchinfer.service;

import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.time.Ticker;
import io.vertx.core.http.HttpMethod;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * One line per call: when, which request, who, what, how it ended, bytes, milliseconds. Never a
 * key, a query, a body or a file name. Thread-safe.
 */
final class AccessLog {
  private final Consumer<String> sink;
  private final Clock clock;
  private final Ticker ticker;
  private final ServiceMetrics metrics;

  AccessLog(Consumer<String> sink, Clock clock, Ticker ticker, ServiceMetrics metrics) {
    this.sink = sink;
    this.clock = clock;
    this.ticker = ticker;
    this.metrics = metrics;
  }

  /** Writes the line when the call is over. */
  void follow(Call call, String workspace) {
    long began = ticker.nanos();
    metrics.callBegan();
    call.whenOver(
        () -> {
          long nanos = ticker.nanos() - began;
          // What a client does not wait for is written down as nginx does.
          int status = call.isAnswered() ? call.response().getStatusCode() : 499;
          String pattern = call.route().pattern().isEmpty() ? "-" : call.route().pattern();
          String method = method(call.request().method());
          metrics.callEnded(method, pattern, status, nanos);
          write(
              call.requestId(),
              workspace,
              new Asked(method, pattern),
              new Answered(status, call.response().bytesWritten(), nanos));
        });
  }

  /** Writes down what was refused before it was a call. */
  void refused(String requestId, int status) {
    metrics.callBegan();
    metrics.callEnded("-", "-", status, 0);
    write(requestId, "-", new Asked("-", "-"), new Answered(status, 0, 0));
  }

  private record Asked(String method, String pattern) {}

  private record Answered(int status, long bytes, long nanos) {}

  private void write(String requestId, String workspace, Asked asked, Answered answered) {
    sink.accept(
        String.format(
            Locale.ROOT,
            "%s %s %s %s %s %d %d %.1f",
            clock.instant().truncatedTo(ChronoUnit.MILLIS),
            requestId,
            workspace,
            asked.method(),
            asked.pattern(),
            answered.status(),
            answered.bytes(),
            answered.nanos() / 1e6));
  }

  /** The method's name where it is one of HTTP's: else it is the caller's own text. */
  private static String method(HttpMethod method) {
    return HttpMethod.values().contains(method) ? method.name() : "OTHER";
  }

  /** Writes down what went wrong on our side. */
  void defect(String requestId, Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    sink.accept(clock.instant() + " " + requestId + " failed: " + trace);
  }
}
