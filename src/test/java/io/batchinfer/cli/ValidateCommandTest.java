package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.estimate.TokenEstimator;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;
  private Path input;

  @BeforeEach
  void makeInput() throws IOException {
    input = Files.createDirectory(folder.resolve("in"));
  }

  private CommandLineRun validate(String... more) {
    return CommandLineRun.of(
        Stream.concat(Stream.of("validate", "-i", input.toString()), Stream.of(more))
            .toArray(String[]::new));
  }

  private static String body(String model, String text) {
    return "{\"model\":\"%s\",\"max_tokens\":100,\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(model, text);
  }

  private static String line(String id, String body) {
    return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\",\"body\":%s}\n"
        .formatted(id, body);
  }

  private static long tokens(String body) {
    return new TokenEstimator("")
        .estimate("/v1/chat/completions", body.getBytes(StandardCharsets.UTF_8))
        .promptTokens();
  }

  @Test
  void countsTheTokensOfEveryRowAndPricesThem() throws IOException {
    StringBuilder lines = new StringBuilder();
    long expected = 0;
    for (int i = 0; i < 500; i++) {
      String body = body("gpt-4o-mini", "word ".repeat(1 + i % 17));
      lines.append(line("r" + i, body));
      expected += tokens(body);
    }
    Files.writeString(input.resolve("a.jsonl"), lines);

    CommandLineRun json = validate("--provider", "openai", "--json");

    assertThat(json.exitCode()).as(json.err()).isZero();
    JsonNode report = JSON.readTree(json.out());
    assertThat(report.path("total_requests").asInt()).isEqualTo(500);
    assertThat(report.path("prompt_tokens").asLong()).isEqualTo(expected);
    assertThat(report.path("uncertain_prompt_tokens").asLong()).isZero();
    assertThat(report.path("max_completion_tokens").asLong()).isEqualTo(50_000);
    assertThat(report.at("/tokenizers/0").asText()).isEqualTo("o200k_base");
    assertThat(report.at("/models/0/price_source").asText()).isEqualTo("genai-prices");
    assertThat(report.at("/models/0/price_date").asText()).isEqualTo("2026-09-23");
    BigDecimal input = new BigDecimal("0.15").multiply(BigDecimal.valueOf(expected));
    BigDecimal output = new BigDecimal("0.60").multiply(BigDecimal.valueOf(50_000));
    assertThat(report.at("/cost/high").decimalValue())
        .isCloseTo(input.add(output).movePointLeft(6), within(new BigDecimal("0.000001")));
    assertThat(report.at("/cost/currency").asText()).isEqualTo("USD");
  }

  @Test
  void listsInvalidLinesByFileAndPhysicalLine() throws IOException {
    Files.writeString(
        input.resolve("a.jsonl"),
        line("one", body("m", "x")) + "\n" + "not json\n" + line("two", body("m", "x")));
    try (OutputStream packed =
        new GZIPOutputStream(Files.newOutputStream(input.resolve("b.jsonl.gz")))) {
      packed.write(
          ("\n" + line("three", body("m", "x")) + line("one", body("m", "y")))
              .getBytes(StandardCharsets.UTF_8));
    }

    CommandLineRun run = validate();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out())
        .contains(
            "5 requests in 2 files",
            "2 invalid lines, 1 of them with the custom_id of an earlier one",
            "a.jsonl:3: This line is not parseable as valid JSON. (invalid_json_line)",
            "b.jsonl.gz:3: an earlier row has the same custom_id (duplicate_custom_id)",
            "--on-invalid record",
            "a run would refuse this input")
        .doesNotContain("not json");
  }

  @Test
  void aFileOfAnotherFormIsOneSentenceInsteadOfAnErrorForEveryLine() throws IOException {
    Files.writeString(input.resolve("a.jsonl"), "custom_id,prompt\na,x\nb,y\n");
    Files.writeString(input.resolve("b.jsonl"), "{\n  \"custom_id\": \"a\"\n}\n");

    CommandLineRun run = validate();
    CommandLineRun recorded = validate("--on-invalid", "record", "--json");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out())
        .contains("a.jsonl\" looks like CSV, but each line must be one JSON object", "jq -c .")
        .contains("6 invalid lines\nNo line can be sent; a run would refuse this input.")
        .doesNotContain("counted with", "a.jsonl:1", "b.jsonl:1");
    assertThat(recorded.exitCode()).isEqualTo(2);
    assertThat(JSON.readTree(recorded.out()).path("notices")).hasSize(2);
    CommandLineRun refused =
        CommandLineRun.of(
            "run",
            "-i",
            input.toString(),
            "-o",
            input.resolveSibling("out").toString(),
            "--simulate",
            "--on-invalid",
            "record");
    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.err())
        .contains("looks like CSV", "The input has 6 invalid lines; nothing was sent.")
        .doesNotContain("a.jsonl:1");
  }

  @Test
  void subfoldersThatAreLeftOutAreSaid() throws IOException {
    Files.writeString(input.resolve("a.jsonl"), line("one", body("m", "x")));
    Files.createDirectory(input.resolve("day=1"));
    Files.writeString(input.resolve("day=1/b.jsonl"), line("two", body("m", "x")));

    assertThat(validate().out())
        .contains("1 request in 1 file", "1 subfolder is left out (", "day=1); --recursive");
    assertThat(validate("--recursive").out())
        .contains("2 requests in 2 files")
        .doesNotContain("left out");
  }

  @Test
  void recordedInvalidLinesAreNoFailureAndCostNothing() throws IOException {
    Files.writeString(
        input.resolve("a.jsonl"),
        line("one", body("m", "hello")) + "[]\n" + line("one", body("m", "hello")));

    CommandLineRun run = validate("--on-invalid", "record", "--json");

    assertThat(run.exitCode()).isZero();
    JsonNode report = JSON.readTree(run.out());
    assertThat(report.path("valid").asBoolean()).isTrue();
    assertThat(report.path("invalid_requests").asInt()).isEqualTo(2);
    assertThat(report.path("prompt_tokens").asLong()).isEqualTo(tokens(body("m", "hello")));
  }

  private static String asking(String model, int answerTokens, String prefix, int number) {
    return """
        {"model":"%s","temperature":0,"max_tokens":%d,"messages":[{"role":"system","content":"%s"},{"role":"user","content":"Question %d?"}]}"""
        .formatted(model, answerTokens, prefix, number);
  }

  /** Twenty rows with one long beginning, of which four are equal to others. */
  private void writeAlike(String model, int answerTokens) throws IOException {
    String prefix = "Weigh each claim against what the customer wrote. ".repeat(400);
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < 20; i++) {
      lines.append(line("r" + i, asking(model, answerTokens, prefix, i % 16)));
    }
    Files.writeString(input.resolve("a.jsonl"), lines);
  }

  private static BigDecimal way(JsonNode report, int number, String name) {
    assertThat(report.at("/ways/" + number + "/way").asText()).isEqualTo(name);
    return report.at("/ways/" + number + "/cost/expected").decimalValue();
  }

  @Test
  void waysToPayStandSideBySideWithTheCheapestRecommended() throws IOException {
    writeAlike("gpt-5-mini", 10);

    JsonNode report = JSON.readTree(validate("--provider", "openai", "--json").out());

    BigDecimal each = way(report, 0, "as_it_stands");
    BigDecimal once = way(report, 2, "deduplicated");
    assertThat(way(report, 1, "reused")).isEqualByComparingTo(each);
    assertThat(once.doubleValue() / each.doubleValue()).isCloseTo(16 / 20.0, within(0.001));
    assertThat(once).isEqualByComparingTo(report.at("/cost/expected").decimalValue());
    long cached = report.path("cached_prompt_tokens").asLong();
    long prompts = report.path("prompt_tokens").asLong();
    assertThat(cached).isBetween(prompts * 15 / 16 - 15 * 256, prompts * 15 / 16);
    assertThat(once.subtract(way(report, 3, "ordered")).doubleValue())
        .isCloseTo(cached * (0.25 - 0.025) / 1e6, within(1e-6));
    assertThat(way(report, 4, "batch").doubleValue())
        .isCloseTo(once.doubleValue() / 2, within(1e-6));
    assertThat(report.at("/recommended/way").asText())
        .as("answers are short, and nearly all of the prompts is shared")
        .isEqualTo("ordered");
  }

  @Test
  void longAnswersMakeTheBatchServiceTheCheapest() throws IOException {
    writeAlike("gpt-4o", 256);

    CommandLineRun run = validate("--provider", "openai");

    assertThat(run.out())
        .contains("Side by side, expected, each with what those above it save:")
        .containsPattern("every row sent +0\\.\\d{4} USD")
        .containsPattern(
            "in an order for the cache +0\\.\\d{4} USD, [\\d,]+ of [\\d,]+ prompt tokens")
        .containsPattern(
            "Recommended: via the provider's batch service; it costs 50 % less than sending each row,"
                + " and an order for the cache [34]\\d %");
  }

  @Test
  void whatABatchServiceOrACacheTakesOffIsNotGuessed() throws IOException {
    writeAlike("command-r7b", 10);

    JsonNode report = JSON.readTree(validate("--json").out());

    assertThat(way(report, 2, "deduplicated")).isPositive();
    assertThat(report.at("/ways/3/cost").isNull()).isTrue();
    assertThat(report.at("/ways/3/unknown").asText())
        .isEqualTo("it is not known of command-r7b: the price of cached input");
    assertThat(report.at("/ways/4/unknown").asText())
        .isEqualTo("it is not known of command-r7b: what a batch service takes off");
    assertThat(report.at("/recommended/way").asText()).isEqualTo("deduplicated");
  }

  @Test
  void pagesAreNotCountedBeforehand() throws IOException {
    Files.writeString(
        input.resolve("a.jsonl"),
        """
        {"custom_id":"a","method":"POST","url":"/v1/ocr","body":{"model":"mistral-ocr-latest","document":{"type":"document_url","document_url":"https://example.com/a.pdf"}}}
        """);

    assertThat(validate("--provider", "mistral").out())
        .contains(
            "Cost: unknown; nothing tells beforehand how many pages or seconds there are for mistral-ocr-latest")
        .doesNotContain("Side by side");
  }

  @Test
  void anUnknownPriceIsSaidToBeUnknown() throws IOException {
    Files.writeString(
        input.resolve("a.jsonl"),
        line("one", body("gpt-4o", "hello")) + line("two", body("house-model", "hello")));

    CommandLineRun words = validate("--provider", "openai");
    JsonNode report = JSON.readTree(validate("--provider", "openai", "--json").out());

    assertThat(words.exitCode()).isZero();
    assertThat(words.out()).contains("Cost: unknown; no price is known for house-model");
    assertThat(report.get("cost").isNull()).isTrue();
    assertThat(report.at("/models/0/cost/expected").decimalValue()).isPositive();
    assertThat(report.at("/models/1/tokenizer").asText()).isEqualTo("o200k_base (stand-in)");
  }

  @Test
  void theJobsModelFillsInAndContradictionsAreInvalid() throws IOException {
    Files.writeString(
        input.resolve("a.jsonl"),
        line("one", body("", "hello")) + line("two", body("other", "hello")));

    CommandLineRun refused = validate("--model", "gpt-4o");
    JsonNode report =
        JSON.readTree(validate("--model", "gpt-4o", "--model-override", "--json").out());

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.out()).contains("a.jsonl:2: ", "(mismatched_model)");
    assertThat(report.at("/models/0/model").asText()).isEqualTo("gpt-4o");
    assertThat(report.at("/models/0/requests").asInt()).isEqualTo(2);
  }

  @Test
  void anInputThatIsNotThereIsExitTwo() {
    input = folder.resolve("none.jsonl");

    CommandLineRun run = validate();

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("There is no input", "none.jsonl");
  }
}
