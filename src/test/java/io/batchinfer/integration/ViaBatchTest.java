package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderFault;
import io.batchinfer.testing.provider.ProviderSettings;
import io.batchinfer.testing.provider.ProviderSettings.Limits;
import io.batchinfer.testing.provider.RowAnswers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
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

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void whatIsMoreThanTheProviderHoldsWaits(ProviderDialect dialect) throws IOException {
    start(dialect, Limits.USUAL.withPendingRequests(250));
    LocalRun job = job(1_000, i -> "t" + i);

    CommandLineRun run = run(job, and(dialect(dialect), "--max-file-lines", "100"));

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 1_000);
    assertThat(provider.ledger().paidAgain()).isZero();
    assertThat(provider.ledger().mostPendingRequests()).isLessThanOrEqualTo(250);
  }

  @Test
  void limitsThatAreKnownAreNeverMet() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL.withPendingTokens(60_000));
    LocalRun job = job(600, i -> "t" + i);

    CommandLineRun run =
        run(job, "--batch-queued-tokens", "60000", "--batch-queued-requests", "220");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 600);
    assertThat(run.err()).doesNotContain("no room");
    assertThat(provider.ledger().mostPendingRequests()).isBetween(100L, 220L);
  }

  @Test
  void aBatchThatIsTooMuchByItselfIsHalved() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL.withPendingTokens(9_000));
    LocalRun job = job(1_000, i -> "t" + i);

    CommandLineRun run = run(job);

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 1_000);
    assertThat(provider.ledger().paidAgain()).isZero();
    assertThat(provider.filesLeft()).isEmpty();
  }

  @Test
  void whatABatchLeavesIsSentByItself() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    faults.next(ProviderFault.BATCH_EXPIRES, 1).next(ProviderFault.ROW_FAILS, 3);
    LocalRun job = job(400, i -> "t" + i);

    CommandLineRun run = run(job, "--then", "interactive");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 400);
    assertThat(provider.ledger().interactive()).isPositive();
    assertThat(provider.ledger().creations()).hasSize(1);
    assertThat(provider.ledger().paidAgain()).isZero();
  }

  @Test
  void whatKeepsFailingEndsAsItsLastTry() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    faults.often(1, ProviderFault.ROW_FAILS);
    LocalRun job = job(20, i -> "t" + i);

    CommandLineRun run = run(job, "--max-attempts", "2", "--max-failure-rate", "1");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(3);
    List<JsonNode> errors = LocalRun.rows(job.errors());
    assertThat(errors).hasSize(20);
    assertThat(errors).allMatch(row -> row.at("/response/status_code").asInt() == 500);
    assertThat(provider.ledger().creations()).hasSize(2);
    assertThat(job.record().path("attempts").asInt()).isEqualTo(40);
  }

  @Test
  void equalRowsArePaidOnce() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    faults.next(ProviderFault.ROW_FAILS, 2);
    LocalRun job = job(300, i -> "t" + i % 100);

    CommandLineRun run = run(job, "--dedupe", "on", "--max-attempts", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertAnswered(job, 298);
    assertThat(provider.ledger().runs()).hasSize(100);
    assertThat(job.record().path("deduplicated_requests").asInt()).isEqualTo(198);
  }

  @Test
  void answersCostWhatTheBatchServiceTakes() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    LocalRun job = job(50, i -> "t" + i);
    String priced = Files.readString(job.input()).replace("\"fake\"", "\"gpt-4o-mini\"");
    Files.writeString(job.input(), priced);

    CommandLineRun run = run(job);

    assertThat(run.exitCode()).as(run.err()).isZero();
    double full = 0;
    for (JsonNode row : LocalRun.rows(job.results())) {
      full +=
          row.at("/response/body/usage/prompt_tokens").asLong() * 0.15e-6
              + row.at("/response/body/usage/completion_tokens").asLong() * 0.6e-6;
    }
    assertThat(job.record().path("cost").asDouble()).isCloseTo(full / 2, within(1e-7));
    assertThat(job.record().at("/saved/batch").asDouble()).isCloseTo(full / 2, within(1e-7));
  }

  @Test
  void noMoreIsSubmittedThanACapLeaves() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    LocalRun job = job(200, i -> "t" + i);

    CommandLineRun run = run(job, "--max-file-lines", "50", "--max-total-tokens", "35000");

    assertThat(run.exitCode()).as(run.err()).isEqualTo(6);
    assertThat(run.err()).contains("--max-total-tokens");
    assertThat(provider.ledger().creations().size()).isBetween(1, 3);
    CommandLineRun more = run(job, "--max-file-lines", "50", "--max-total-tokens", "900000");
    assertThat(more.exitCode()).as(more.err()).isZero();
    assertAnswered(job, 200);
    assertThat(provider.ledger().paidAgain()).isZero();
  }

  @Test
  void aRefusalThatLastsEndsTheRunWithTheProvidersWords() throws IOException {
    provider =
        FakeBatchProvider.start(
            ProviderSettings.of(ProviderDialect.OPENAI).withApiKey("right"), faults);
    LocalRun job = job(5, i -> "t" + i);

    CommandLineRun run = run(job);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).contains("401").contains("give the same command again");
    assertThat(provider.ledger().creations()).isEmpty();
  }

  @Test
  void cancellingKeepsWhatIsPaid() throws IOException {
    provider =
        FakeBatchProvider.start(
            ProviderSettings.of(ProviderDialect.OPENAI)
                .withPace(ProviderSettings.Pace.SHORT.withRowsPerSecond(200)),
            faults);
    LocalRun job = job(2_000, i -> "t" + i);
    AtomicBoolean asked = new AtomicBoolean();

    provider.beforeCall(
        route -> {
          if (provider.ledger().runs().size() > 100 && asked.compareAndSet(false, true)) {
            try {
              Files.createFile(job.output().resolve("_journal/cancel"));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          }
        });

    CommandLineRun run = run(job);

    assertThat(run.exitCode()).as(run.err()).isEqualTo(4);
    int paid = provider.ledger().runs().size();
    assertThat(LocalRun.rows(job.results())).hasSize(paid);
    assertThat(LocalRun.rows(job.errors())).hasSize(2_000 - paid);
    assertThat(provider.batchesByStatus()).containsOnlyKeys("cancelled");
    CommandLineRun resumed = run(job, "--resume");
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertAnswered(job, 2_000);
    assertThat(provider.ledger().paidAgain()).isZero();
  }

  @Test
  void filesStayWhereTheyAreToBeKept() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    LocalRun job = job(10, i -> "t" + i);

    assertThat(run(job, "--keep-remote-files").exitCode()).isZero();

    assertThat(provider.filesLeft()).hasSize(2);
  }

  @Test
  void whatNoBatchTakesIsSaidSo() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    LocalRun job = job(2, i -> i == 0 ? "short" : "long ".repeat(200));

    CommandLineRun run = run(job, "--max-file-bytes", "600", "--max-failure-rate", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(LocalRun.rows(job.results())).hasSize(1);
    assertThat(LocalRun.rows(job.errors()).get(0).at("/error/code").asText())
        .isEqualTo("not_batched");
  }

  @Test
  void whatDoesNotGoTogetherIsRefused() throws IOException {
    start(ProviderDialect.OPENAI, Limits.USUAL);
    LocalRun job = job(2, i -> "t" + i);

    CommandLineRun simulated = run(job, "--simulate");
    CommandLineRun two = run(job, "--base-url", "http://127.0.0.1:1");

    assertThat(simulated.exitCode()).isEqualTo(2);
    assertThat(two.exitCode()).isEqualTo(2);
    assertThat(two.err()).contains("names 2 addresses");
  }
}
