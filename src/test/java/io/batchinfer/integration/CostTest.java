package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.PromptCacheKind;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a job over several models costs, and what its caps let pass. */
class CostTest extends SharedSpark {
  private static final int ROWS = 300;

  /** Of the price list that comes with the program: input and output per token. */
  private static final Map<String, double[]> PRICES =
      Map.of(
          "gpt-4o", new double[] {2.50e-6, 10.00e-6},
          "gpt-4o-mini", new double[] {0.15e-6, 0.60e-6});

  private static final double EXACT = 1e-12;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private LocalRun job;

  @BeforeEach
  void prepare() throws IOException {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      lines.append(line(i, i % 3 == 0 ? "gpt-4o" : "gpt-4o-mini", ""));
    }
    job = over(lines.toString());
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private LocalRun over(String lines) throws IOException {
    Path input = Files.writeString(directory.resolve("mixed.jsonl"), lines);
    return LocalRun.of(input, directory.resolve("out"), endpoint);
  }

  private static String line(int number, String model, String text) {
    return """
        {"custom_id":"req-%07d","method":"POST","url":"/v1/chat/completions","body":{"model":"%s","messages":[{"role":"user","content":"Say something long about number %d. %s"}],"max_tokens":60}}
        """
        .formatted(number, model, number, text);
  }

  /** What the answers in the results cost by the price of the model that each names. */
  private double costOfResults() {
    return LocalRun.rows(job.results()).stream().mapToDouble(CostTest::costOf).sum();
  }

  private static double costOf(JsonNode row) {
    JsonNode body = row.at("/response/body");
    double[] price = PRICES.get(body.path("model").asText());
    return body.at("/usage/prompt_tokens").asLong() * price[0]
        + body.at("/usage/completion_tokens").asLong() * price[1];
  }

  private double recordedCost() {
    assertThat(job.record().path("cost").isNumber()).as(job.record().toPrettyString()).isTrue();
    return job.record().path("cost").asDouble();
  }

  @Test
  void everyRowCostsWhatItsOwnModelCosts() {
    CommandLineRun run = job.with("--json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(recordedCost()).isCloseTo(costOfResults(), within(EXACT)).isPositive();
    assertThat(run.err()).contains("cost %.4f USD".formatted(recordedCost()));
    assertThat(job.record().path("unpriced_models")).isEmpty();
  }

  @Test
  void whatThePromptCacheTookOffIsNamed() throws IOException {
    endpoint.close();
    endpoint =
        SimulatedEndpoint.start(
            SimulatorSettings.builder().promptCache(PromptCacheKind.SHARED, 100_000).build());
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      lines.append(line(i, "gpt-4o", "").replace("Say", "Rules apply. ".repeat(200) + "Say"));
    }
    job = over(lines.toString());

    CommandLineRun run = job.with("--concurrency", "1");

    assertThat(run.exitCode()).as(run.err()).isZero();
    long cached = job.record().path("cached_tokens").asLong();
    assertThat(cached).isGreaterThan(10_000);
    double off = cached * 1.25e-6;
    assertThat(job.record().at("/saved/cached").asDouble()).isCloseTo(off, within(EXACT));
    assertThat(recordedCost()).isCloseTo(costOfResults() - off, within(EXACT));
    assertThat(run.err())
        .contains(
            "%,d prompt tokens came from the endpoint's cache, which saved %.4f USD"
                .formatted(cached, off));
  }

  @Test
  void whatAnEarlierOutputAnswersIsNotInTheForecast() throws IOException {
    assertThat(job.with().exitCode()).isZero();
    String more = Files.readString(directory.resolve("mixed.jsonl")) + line(ROWS, "gpt-4o", "");
    Path grown = Files.writeString(directory.resolve("grown.jsonl"), more);

    CommandLineRun run =
        CommandLineRun.of(
            "validate",
            "-i",
            grown.toString(),
            "--json",
            "--reuse",
            directory.resolve("out").toString());

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode report = new ObjectMapper().readTree(run.out());
    assertThat(report.path("reused_requests").asLong()).isEqualTo(ROWS);
    assertThat(report.at("/models/0/requests").asLong()).isEqualTo(1);
    assertThat(report.at("/models/1/requests").asLong()).isZero();
    double each = report.at("/ways/0/cost/expected").asDouble();
    double reused = report.at("/ways/1/cost/expected").asDouble();
    assertThat(reused).isPositive().isLessThan(each / 100);
    assertThat(report.at("/cost/expected").asDouble()).isEqualTo(reused);
  }

  @Test
  void documentsCostWhatTheirPagesCost() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append(
          """
          {"custom_id":"d%d","method":"POST","url":"/v1/ocr","body":{"model":"mistral-ocr-latest","document":{"type":"document_url","document_url":"https://example.com/%d.pdf"}}}
          """
              .formatted(i, i));
    }
    job = over(lines.toString());

    CommandLineRun run = job.with("--provider", "mistral", "--json");

    long pages =
        LocalRun.rows(job.results()).stream()
            .mapToLong(row -> row.at("/response/body/usage_info/pages_processed").asLong())
            .sum();
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(pages).isGreaterThanOrEqualTo(20);
    assertThat(recordedCost()).isCloseTo(pages * 0.004, within(EXACT));
  }

  @Test
  void theJobsModelPricesOnlyTheRowsThatSendIt() {
    CommandLineRun run = job.with("--keep-line-models", "--model", "gpt-4o-mini");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(recordedCost()).isCloseTo(costOfResults(), within(EXACT));
  }

  @Test
  void aModelThatReplacesThoseOfTheLinesPricesAll() {
    CommandLineRun run = job.with("--model-override", "--model", "gpt-4o-mini");

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(LocalRun.rows(job.results()))
        .allMatch(row -> row.at("/response/body/model").asText().equals("gpt-4o-mini"));
    assertThat(recordedCost()).isCloseTo(costOfResults(), within(EXACT));
  }

  @Test
  void theDearRowsReachTheCapAndAHigherOneGoesOn() {
    double all = 0.03;
    double dearest = 60 * 10.00e-6 + 40 * 2.50e-6;
    double cap = all / 4;
    String[] cheapModel = {"--keep-line-models", "--model", "gpt-4o-mini"};

    CommandLineRun stopped =
        job.with(with(cheapModel, "--max-cost", "" + cap, "--concurrency", "4"));
    double spent = recordedCost();
    long sent = endpoint.statistics().received();
    CommandLineRun resumed = job.with(with(cheapModel, "--max-cost", "5"));

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(ErrorCode.OUT_OF_BUDGET.exitCode());
    assertThat(stopped.err()).contains("cap --max-cost of");
    assertThat(spent).isBetween(cap, cap + 4 * dearest);
    assertThat(sent).isLessThan(ROWS);
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
    assertThat(recordedCost()).isCloseTo(costOfResults(), within(EXACT)).isGreaterThan(cap);
  }

  private static String[] with(String[] words, String... more) {
    String[] all = java.util.Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    return all;
  }

  @Test
  void aModelWithoutPriceIsNamedBeforeTheFirstRequestOfACappedJob() throws IOException {
    job =
        over(
            line(0, "gpt-4o", "")
                + line(1, "house-model", "")
                + line(2, "gpt-4o-mini", "")
                + line(3, "house-model", ""));

    CommandLineRun refused = job.with("--max-cost", "1");
    long sent = endpoint.statistics().received();
    CommandLineRun uncapped = job.with();

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.USAGE.exitCode());
    assertThat(refused.err())
        .contains("--max-cost cannot be held", "\"house-model\" (2 rows from", "mixed.jsonl:2)")
        .contains("conf/prices.conf", "--max-total-tokens")
        .doesNotContain("gpt-4o");
    assertThat(sent).isZero();
    assertThat(uncapped.exitCode()).as(uncapped.err()).isZero();
    assertThat(job.record().path("cost").isNull()).isTrue();
    assertThat(job.record().path("unpriced_models"))
        .hasSize(1)
        .first()
        .matches(m -> m.asText().equals("house-model"));
    assertThat(uncapped.err()).contains("cost unknown (no price for \"house-model\"");
  }

  @Test
  void cachedInputHasItsOwnPrice() throws IOException {
    job = over(line(0, "gpt-5", "[[cached:10]]"));

    CommandLineRun run = job.with();

    assertThat(run.exitCode()).as(run.err()).isZero();
    JsonNode usage = LocalRun.rows(job.results()).get(0).at("/response/body/usage");
    assertThat(usage.at("/prompt_tokens_details/cached_tokens").asLong()).isEqualTo(10);
    assertThat(recordedCost())
        .isCloseTo(
            (usage.path("prompt_tokens").asLong() - 10) * 1.25e-6
                + 10 * 0.125e-6
                + usage.path("completion_tokens").asLong() * 10e-6,
            within(EXACT));
  }

  @Test
  void rowsThatRunAgainAddToWhatWasSpentBefore() {
    endpoint.setFault(Fault.HTTP_400, 0.2);
    CommandLineRun failed = job.with("--max-failure-rate", "0.01");
    double before = recordedCost();
    endpoint.setFault(Fault.HTTP_400, 0);

    CommandLineRun retried = job.with("--retry-failed");

    assertThat(failed.exitCode()).as(failed.err()).isEqualTo(3);
    assertThat(retried.exitCode()).as(retried.err()).isZero();
    assertThat(before).isPositive().isLessThan(costOfResults());
    assertThat(recordedCost()).isCloseTo(costOfResults(), within(EXACT));
  }

  @Test
  void anotherProvidersPriceIsNone() throws IOException {
    job = over(line(0, "gpt-4o", ""));

    CommandLineRun run = job.with("--max-cost", "1", "--provider", "vllm", "--api-key-env", "PATH");

    assertThat(run.exitCode()).isEqualTo(ErrorCode.USAGE.exitCode());
    assertThat(run.err()).contains("\"gpt-4o\" (1 row, ");
  }
}
