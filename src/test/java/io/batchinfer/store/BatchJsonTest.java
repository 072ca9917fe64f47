package io.batchinfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Cost;
import io.batchinfer.model.Counts;
import io.batchinfer.model.MarkCounts;
import io.batchinfer.model.ProgressPoint;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class BatchJsonTest {
  private static final BatchJob JOB =
      new BatchJob(
          "batch_1",
          "team",
          new BatchJob.Spec(
              new Creation(Dialect.OPENAI, 1_700_000_000_123L, "key1", "hash", "once"),
              new Target("/v1/embeddings", "m", "agent", "prod"),
              new Input(List.of("a", "b"), true, 12),
              Map.of("k", "v ü"),
              new Lifetime(2.5, 3600L)),
          BatchJob.State.queued(13)
              .change()
              .started(5)
              .finalizing(8)
              .cancelling(6)
              .counts(
                  new Counts(
                      new RowCounts(1, 2),
                      new Spent(3, 4, new Usage(6, 7, 1, 2, new Cost(16, 17))),
                      new MarkCounts(5, 14, 15),
                      new TreeMap<>(Map.of("http_503", 2L))))
              .cost(0.25, "EUR")
              .model("only")
              .ended(BatchStatus.CANCELLED, 9)
              .files("out", "err")
              .problems(List.of(new Problem("c", "m", "p", 3L, 1)))
              .made());

  private static final String WRITTEN =
      """
      {"id":"batch_1","workspace":"team","spec":{"dialect":"OPENAI",\
      "endpoint":"/v1/embeddings","inputFiles":["a","b"],"inline":true,"model":"m",\
      "agentId":"agent","deployment":"prod","metadata":{"k":"v ü"},"timeoutHours":2.5,\
      "outputExpiresSeconds":3600,"createdMillis":1700000000123,"createdBy":"key1",\
      "requests":12,"bodyHash":"hash","idempotencyKey":"once"},\
      "state":{"status":"CANCELLED","startedMillis":5,"finalizingMillis":8,\
      "cancellingMillis":6,"endedMillis":9,"total":13,"counts":{"succeeded":1,"failed":2,\
      "attempts":3,"mayHaveRun":4,"marks":{"truncated":5,"filtered":14,"repaired":15},\
      "usage":{"promptTokens":6,"completionTokens":7,"cachedTokens":1,"reasoningTokens":2,\
      "cost":{"billionths":16,"unpriced":17}},"errors":{"http_503":2}},"cost":0.25,\
      "currency":"EUR","model":"only","outputFile":"out","errorFile":"err",\
      "problems":[{"code":"c","message":"m","param":"p","line":3,"count":1}]}}""";

  @Test
  void aJobIsReadAsItWasWritten() throws IOException {
    assertThat(BatchJson.parseJob(BatchJson.job(JOB))).isEqualTo(JOB);
  }

  @Test
  void aJobIsWrittenWithTheseKeysInThisOrder() {
    assertThat(new String(BatchJson.job(JOB), StandardCharsets.UTF_8)).isEqualTo(WRITTEN);
  }

  @Test
  void aFileIsReadAsItWasWritten() throws IOException {
    BatchFile file =
        new BatchFile(
            "id", "team", "ü.jsonl", "batch", BatchFile.Role.ERRORS, 1, 2, 3, 4L, "s", null, "j");

    assertThat(BatchJson.parseFile(BatchJson.file(file))).isEqualTo(file);
  }

  @Test
  void pointsAreReadAsTheyWereWritten() throws IOException {
    ProgressPoint point =
        new ProgressPoint(1, 2, 3, 4, 5, 6, null, 7.5, null, 9.0, new TreeMap<>(Map.of("c", 1L)));

    assertThat(BatchJson.parsePoints(BatchJson.points(List.of(point)))).containsExactly(point);
  }

  @Test
  void whatALaterVersionAddsDoesNotHurt() throws IOException {
    String json = new String(BatchJson.job(JOB), StandardCharsets.UTF_8);

    String later = json.replaceFirst("\\{", "{\"added\":{\"x\":1},");

    assertThat(BatchJson.parseJob(later.getBytes(StandardCharsets.UTF_8))).isEqualTo(JOB);
  }
}
