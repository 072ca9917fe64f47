package io.batchinfer.watch.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.OtlpCollector;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.watch.RowDone;
import io.opentelemetry.proto.trace.v1.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OtlpWorkObserverTest {
  private static final String RUN = "00-0123456789abcdef0123456789abcdef-0123456789abcdef-01";

  private final VirtualTime time = new VirtualTime();
  private final List<String> notices = new ArrayList<>();

  private OtlpWorkObserver observer(OtlpCollector collector, Map<String, String> headers) {
    return new OtlpWorkObserver(
        new OtlpSettings(
            collector.url(), headers, "x1", "1.0", "mistral", time, time.clock(), notices::add),
        RUN,
        List.of("sk-0123456789"));
  }

  private static RowDone row(int split, int line, String error) {
    return new RowDone(split, line, "/v1/embeddings", "sk-0123456789", 1, error, 0);
  }

  @Test
  void headersGoWithEveryRequestAndIntoNoBody() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      OtlpWorkObserver observer = observer(collector, Map.of("x-token", "t0ken-of-mine"));
      observer.splitBegan(3);
      observer.splitEnded(3);
      observer.close();

      assertThat(collector.received())
          .isNotEmpty()
          .allMatch(one -> "t0ken-of-mine".equals(one.headers().get("x-token")));
      assertThat(collector.spans()).hasSize(1);
      assertThat(collector.received())
          .allMatch(
              one ->
                  !new String(one.body(), java.nio.charset.StandardCharsets.ISO_8859_1)
                      .contains("t0ken"));
      assertThat(notices).isEmpty();
    }
  }

  @Test
  void failedRowsHaveSpansUpToACapAndOthersOneInAThousand() {
    long sampled =
        IntStream.range(0, 20_000).filter(line -> WorkSpans.isSampled(row(1, line, ""))).count();
    assertThat(sampled).isBetween(10L, 40L);
    try (OtlpCollector collector = OtlpCollector.start()) {
      OtlpWorkObserver observer = observer(collector, Map.of());
      observer.splitBegan(1);
      for (int line = 0; line < 20_000; line++) {
        observer.rowEnded(row(1, line, line < 500 ? "timed_out" : ""));
      }
      observer.close();

      List<Span> rows =
          collector.spans().stream().filter(span -> span.getName().equals("embeddings")).toList();
      assertThat((long) rows.size())
          .as("with a model that is a key, the name is the operation alone")
          .isBetween(sampled + WorkSpans.MOST_FAILED - 5, sampled + WorkSpans.MOST_FAILED);
      assertThat(collector.spans()).as("the split that was open").hasSize(rows.size() + 1);
      assertThat(collector.everything()).doesNotContain("sk-0123456789");
    }
  }

  @Test
  void whatIsToldAfterTheEndIsNoFailure() {
    try (OtlpCollector collector = OtlpCollector.start()) {
      OtlpWorkObserver observer = observer(collector, Map.of());
      observer.close();

      observer.splitBegan(1);
      observer.rowEnded(row(1, 1, "timed_out"));
      observer.splitEnded(1);
      observer.close();

      assertThat(notices).isEmpty();
    }
  }
}
