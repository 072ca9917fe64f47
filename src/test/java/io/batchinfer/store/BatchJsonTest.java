package io.batchinfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Problem;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.Counts;
import io.batchinfer.model.ProgressPoint;
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
              Dialect.OPENAI,
              "/v1/embeddings",
              List.of("a", "b"),
              false,
              "m",
              null,
              "prod",
              Map.of("k", "v ü"),
              2.5,
              3600L,
              1_700_000_000_123L,
              "key1",
              12,
              "hash",
              null),
          BatchJob.State.queued(12)
              .change()
              .started(5)
              .cancelling(6)
              .counts(
                  new Counts(
                      1, 2, 3, 4, 5, new Usage(6, 7, 1, 2), new TreeMap<>(Map.of("http_503", 2L))))
              .cost(0.25, "EUR")
              .model("m")
              .ended(BatchStatus.CANCELLED, 9)
              .files("out", null)
              .problems(List.of(new Problem("c", "m", "p", 3L, 1)))
              .made());

  @Test
  void aJobIsReadAsItWasWritten() throws IOException {
    assertThat(BatchJson.parseJob(BatchJson.job(JOB))).isEqualTo(JOB);
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
