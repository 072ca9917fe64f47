package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderSettings;
import io.batchinfer.testing.provider.ProviderSettings.Limits;
import io.batchinfer.testing.provider.RowAnswers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that go through a provider's batch service end as if each had been sent by itself. */
class ViaBatchTest extends SharedSpark {
  private static final String[] QUICK = {
    "--via", "batch", "--poll-interval", "30ms", "--max-poll-interval", "100ms"
  };

  @TempDir Path directory;
  private FakeBatchProvider provider;
  private final FaultPlan faults = new FaultPlan(1);

  @AfterEach
  void stop() {
    provider.close();
  }

  private LocalRun job(int rows, IntFunction<String> text) throws IOException {
    List<String> lines =
        IntStream.range(0, rows)
            .mapToObj(
                i ->
                    "{\"custom_id\":\"user id %d ü\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":{\"model\":\"fake\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}}"
                        .formatted(i, text.apply(i)))
            .toList();
    Path input = directory.resolve("in.jsonl");
    Files.write(input, lines);
    return new LocalRun(input, directory.resolve("out"), provider.url());
  }

  private CommandLineRun run(LocalRun job, String... more) {
    List<String> all = new ArrayList<>(List.of(QUICK));
    if (provider.url().isEmpty()) {
      throw new IllegalStateException("no provider");
    }
    all.addAll(List.of(more));
    return job.with(all.toArray(String[]::new));
  }

  private void start(ProviderDialect dialect, Limits limits) {
    provider = FakeBatchProvider.start(ProviderSettings.of(dialect).withLimits(limits), faults);
  }

  private static String[] dialect(ProviderDialect dialect) {
    return new String[] {"--batch-api", dialect == ProviderDialect.MISTRAL ? "mistral" : "openai"};
  }

  private static String[] and(String[] some, String... more) {
    return Stream.concat(Stream.of(some), Stream.of(more)).toArray(String[]::new);
  }

  /** Every row has the answer to its own body. */
  private static void assertAnswered(LocalRun job, int rows) throws IOException {
    List<String> lines = Files.readAllLines(job.input());
    Map<String, JsonNode> results = new TreeMap<>();
    LocalRun.forEachRow(job.results(), row -> results.put(row.path("custom_id").asText(), row));
    assertThat(results).hasSize(rows);
    for (String line : lines) {
      JsonNode asked = LocalRun.JSON.readTree(line);
      JsonNode got = results.get(asked.path("custom_id").asText());
      if (got != null) {
        assertThat(got.at("/response/body/choices/0/message/content").asText())
            .isEqualTo(RowAnswers.said(RowAnswers.hash(asked.path("body"))));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void everyRowIsAnsweredOnceInFilledBatches(ProviderDialect dialect) throws IOException {
    start(dialect, Limits.USUAL.withLines(100));
    LocalRun job = job(1_000, i -> i == 7 ? RowAnswers.REFUSED : "t" + i);

    CommandLineRun run =
        run(job, and(dialect(dialect), "--max-file-lines", "100", "--split-bytes", "16k"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 999);
    assertThat(LocalRun.rows(job.errors())).hasSize(1);
    assertThat(LocalRun.rows(job.errors()).get(0).at("/response/status_code").asInt())
        .isEqualTo(400);
    assertThat(provider.ledger().creations()).hasSize(10);
    assertThat(provider.ledger().creations().values()).containsOnly(1);
    assertThat(provider.ledger().paidAgain()).isZero();
    assertThat(provider.ledger().interactive()).isZero();
    assertThat(provider.ledger().refusals()).isEmpty();
    assertThat(provider.filesLeft()).isEmpty();
    assertThat(job.record().path("attempts").asInt()).isEqualTo(1_000);
    assertThat(job.output().resolve("_journal/remote")).doesNotExist();
  }
}
