package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionSourcesTest {
  private static final String PROPERTY = "spark.batchinfer.request-timeout";

  private final OptionSources.Builder sources = OptionSources.builder();

  @Test
  void theEarlierSourceWins() {
    ProviderProfile profile =
        ProviderProfile.parse("mine", "mine.conf", List.of("request-timeout = 5s"));
    assertThat(sources.resolve().get(RetryOptions.REQUEST_TIMEOUT))
        .isEqualTo(Duration.ofMinutes(10));

    sources.profile(profile);
    assertTimeout(5, "request-timeout (mine.conf:1)");
    sources.file("b.conf", List.of("# mine", "", "request-timeout = 4"));
    assertTimeout(4, "request-timeout (b.conf:3)");
    sources.sparkConf(Map.of(PROPERTY, "3s", "spark.app.name", "x"));
    assertTimeout(3, PROPERTY);
    sources.environment(Map.of("BATCHINFER_REQUEST_TIMEOUT", "2s"));
    assertTimeout(2, "BATCHINFER_REQUEST_TIMEOUT");
    sources.flags(Map.of("request-timeout", List.of("1s")));
    assertTimeout(1, "--request-timeout");
  }

  private void assertTimeout(int seconds, String source) {
    ResolvedOptions resolved = sources.resolve();
    assertThat(resolved.get(RetryOptions.REQUEST_TIMEOUT)).isEqualTo(Duration.ofSeconds(seconds));
    assertThat(resolved.source(RetryOptions.REQUEST_TIMEOUT)).isEqualTo(source);
  }

  @Test
  void aSourceWithoutAValueIsPassedOver() {
    ResolvedOptions resolved =
        sources
            .environment(Map.of("BATCHINFER_MODEL", " "))
            .file("b.conf", List.of("model =", "max-attempts = 2"))
            .resolve();

    assertThat(resolved.find(ModelOptions.MODEL)).isEmpty();
    assertThat(resolved.source(ModelOptions.MODEL)).isEqualTo("not set");
    assertThat(resolved.source(RetryOptions.REQUEST_TIMEOUT)).isEqualTo("default");
    assertThat(resolved.isGiven(RetryOptions.MAX_ATTEMPTS)).isTrue();
  }

  @Test
  void anEmptyFlagIsAnError() {
    sources.flags(Map.of("model", List.of("")));

    assertThatThrownBy(sources::resolve)
        .hasMessage("Option --model: the value is empty; give one or leave the option out.");
  }

  @Test
  void whatIsWrittenOverSeveralLinesIsTakenSo() {
    ResolvedOptions resolved =
        sources
            .flags(
                Map.of(
                    "answer-schema", List.of("\n{\n  \"type\": \"object\"\r\n}\n"),
                    "input-sql", List.of("SELECT a -- the key\nFROM b")))
            .resolve();

    assertThat(resolved.get(ModelOptions.ANSWER_SCHEMA)).isEqualTo("{   \"type\": \"object\" }");
    assertThat(resolved.get(InputOutputOptions.INPUT_SQL)).isEqualTo("SELECT a -- the key\nFROM b");
    sources.flags(Map.of("answer-schema", List.of("name STRING,\nscore DOUBLE")));
    assertThat(sources.resolve().get(ModelOptions.ANSWER_SCHEMA))
        .isEqualTo("name STRING, score DOUBLE");
  }

  static List<Option<?>> everyOption() {
    return Options.all();
  }

  @ParameterizedTest
  @MethodSource("everyOption")
  void everyOptionIsReadFromEverySource(Option<?> option) {
    String text = sample(option);
    assertRoundTrip(option, OptionSources.builder().flags(Map.of(option.name(), List.of(text))));
    assertRoundTrip(
        option, OptionSources.builder().environment(Map.of(option.environmentVariable(), text)));
    if (!option.isSecret()) {
      assertRoundTrip(
          option, OptionSources.builder().sparkConf(Map.of(option.sparkProperty(), text)));
    }
    if (option != GeneralOptions.CONFIG) {
      assertRoundTrip(
          option, OptionSources.builder().file("f", List.of(option.name() + " = " + text)));
    }
  }

  private static void assertRoundTrip(Option<?> option, OptionSources.Builder sources) {
    if (option == ModelOptions.MODEL_OVERRIDE) {
      sources.profile(ProviderProfile.parse("p", "p", List.of("model = m")));
    }
    if (option == EndpointOptions.DEPLOYMENT) {
      sources.withoutProfiles();
    }
    ResolvedOptions resolved = sources.resolve();
    assertThat(resolved.isGiven(option)).isTrue();
    assertThat(resolved.source(option)).doesNotContain("default");
    if (!option.isSecret()) {
      Map<String, String> strings = resolved.asStrings();
      assertThat(strings.get(option.name())).isNotEqualTo(printedDefault(option));
      assertThat(ResolvedOptions.ofStrings(strings).asStrings()).isEqualTo(strings);
    }
  }

  private static String printedDefault(Option<?> option) {
    return OptionSources.builder().resolve().asStrings().getOrDefault(option.name(), "no default");
  }

  private static String sample(Option<?> option) {
    if (option.isFlag()) {
      return "true";
    }
    return switch (option.placeholder()) {
      case "N" -> "17";
      case "NUMBER" -> "0.25";
      case "DURATION" -> "77s";
      case "SIZE" -> "3MiB";
      case "URL" -> "http://llm:8000";
      case "PATH" -> "/v1/embeddings";
      case "KEY=VALUE" -> "team=search";
      case "NAME:VALUE" -> "X-Team: search";
      case "VARIABLE" -> "SOME_KEY";
      case "auto|on|off" -> "on";
      case "auto|prefix|input" -> "prefix";
      case "interactive|batch" -> "batch";
      case "none|interactive" -> "interactive";
      case "openai|mistral" -> "mistral";
      case "WINDOW" -> "7d";
      case "fail|record" -> "record";
      case "float|base64" -> "base64";
      case "auto|1.1|2" -> "2";
      case "TEXT|FILE" -> "{\"type\":\"object\"}";
      case "request|check" -> "check";
      case "COMMAND" -> "serve --port {port}";
      case "executor|gpu|node" -> "gpu";
      default ->
          option == EndpointOptions.PROVIDER
              ? "vllm"
              : option == ModelOptions.ANSWER_SCHEMA_FORM ? "guided-json" : "some-" + option.name();
    };
  }

  @Test
  void aRepeatableOptionTakesAllValuesOfOneSource() {
    ResolvedOptions resolved =
        sources
            .flags(Map.of("input", List.of("a", "b"), "metadata", List.of("k=v=w", "l=")))
            .environment(Map.of("BATCHINFER_BASE_URL", "http://a:1/v1, http://b:2\nhttp://a:1"))
            .file("f", List.of("input = ignored", "allowed-endpoints = /v1/x, y2"))
            .file("f", List.of("input = no", "header = A: 1", "header = B: 2"))
            .resolve();

    assertThat(resolved.get(InputOutputOptions.INPUT)).containsExactly("a", "b");
    assertThat(resolved.get(EndpointOptions.BASE_URL)).containsExactly("http://a:1", "http://b:2");
    assertThat(resolved.get(RepeatOptions.METADATA)).isEqualTo(Map.of("k", "v=w", "l", ""));
    assertThat(resolved.get(KeyOptions.HEADER))
        .containsExactly(Map.entry("A", "1"), Map.entry("B", "2"));
  }

  @Test
  void commasInInputsBelongToThem() {
    sources.environment(Map.of("BATCHINFER_INPUT", "s3a://b/{a,b}.jsonl\ndata/x.jsonl"));

    assertThat(sources.resolve().get(InputOutputOptions.INPUT))
        .containsExactly("s3a://b/{a,b}.jsonl", "data/x.jsonl");
  }

  @Test
  void allProblemsAreReportedAtOnce() {
    sources
        .flags(Map.of("max-attempts", List.of("0"), "model", List.of("a", "b")))
        .environment(Map.of("BATCHINFER_CONCURRENCY", "many"))
        .sparkConf(Map.of("spark.batchinfer.max-cots", "3"))
        .file(
            "conf/app.conf",
            List.of("request-timout = 10m", "nonsense", "base-url = llm:8000", "config = x"));

    assertThatThrownBy(sources::resolve)
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .message()
        .startsWith("8 problems with the options:\n- ")
        .contains(
            "Option request-timout (conf/app.conf:1) is unknown."
                + " Did you mean \"request-timeout\"?")
        .contains("Line conf/app.conf:2 is not a setting; write it as key = value")
        .contains("Option base-url (conf/app.conf:3): \"llm:8000\" is not a base URL")
        .contains("Option config (conf/app.conf:4) cannot name another file; give --config")
        .contains(
            "Option spark.batchinfer.max-cots is unknown."
                + " Did you mean \"spark.batchinfer.max-cost\"?")
        .contains("Option BATCHINFER_CONCURRENCY: \"many\" is not a whole number; give one")
        .contains("Option --max-attempts: \"0\" is out of range; give a value of at least 1.")
        .contains("Option --model is given twice; keep one.");
  }

  @ParameterizedTest
  @CsvSource({
    "max-failure-rate, 1.5, at most 1",
    "max-cost, 0, more than 0",
    "max-line-bytes, 2GiB, at most 1GiB",
    "retry-ambiguous, -1, at least 0",
    "request-timeout, 0, at least 1ms",
  })
  void valuesOutOfRangeAreRefusedWithTheLimit(String name, String text, String limit) {
    sources.flags(Map.of(name, List.of(text)));

    assertThatThrownBy(sources::resolve)
        .hasMessage("Option --%s: \"%s\" is out of range; give a value of %s.", name, text, limit);
  }

  @Test
  void aChoiceNamesItsChoices() {
    sources.flags(Map.of("on-invalid", List.of("skip")));

    assertThatThrownBy(sources::resolve)
        .hasMessage(
            "Option --on-invalid: \"skip\" is not one of the choices; give fail or record.");
  }

  @ParameterizedTest
  @CsvSource({
    "model-override, keep-line-models",
    "rerun, resume",
  })
  void aConflictOfFlagsNamesBoth(String left, String right) {
    sources.flags(Map.of(left, List.of("true"), right, List.of("true"), "model", List.of("m")));

    assertThatThrownBy(sources::resolve)
        .hasMessage(
            "Options --%s and --%s exclude each other; give only one of them.", left, right);
  }

  @Test
  void ofTwoOptionsThatExcludeEachOtherTheEarlierSourceWins() {
    ResolvedOptions resolved =
        sources
            .flags(Map.of("model-override", List.of("true"), "model", List.of("m")))
            .profile(ProviderProfile.load("lorax", null))
            .resolve();

    assertThat(resolved.get(ModelOptions.MODEL_OVERRIDE)).isTrue();
    assertThat(resolved.get(ModelOptions.KEEP_LINE_MODELS)).isFalse();
  }

  @Test
  void overridingModelsNeedsAModel() {
    sources.flags(Map.of("model-override", List.of("true")));

    assertThatThrownBy(sources::resolve)
        .hasMessage("Option --model-override has no model to put in; give --model as well.");
  }

  @ParameterizedTest
  @CsvSource({"out.jsonl", "s3a://b/x/OUT.JSONL", "out.jsonl.gz"})
  void anOutputThatNamesAFileIsRefusedWithAHint(String output) {
    sources.flags(Map.of("output", List.of(output)));

    assertThatThrownBy(sources::resolve)
        .hasMessageContaining("Option --output: \"" + output + "\" names a file")
        .hasMessageContaining("batchinfer results FOLDER > FILE.jsonl");
  }

  @Test
  void endpointsAreCanonicalAndMustBeKnownOrAllowed() {
    sources.flags(Map.of("endpoint", List.of("embeddings/")));
    assertThatThrownBy(sources::resolve).hasMessageContaining("is not an endpoint path");

    sources.flags(Map.of("endpoint", List.of("/embeddings/")));
    assertThat(sources.resolve().get(EndpointOptions.ENDPOINT)).isEqualTo("/v1/embeddings");

    sources.flags(Map.of("endpoint", List.of("/v1/embedings")));
    assertThatThrownBy(sources::resolve)
        .hasMessage(
            "Option --endpoint: \"/v1/embedings\" is not a known endpoint. Did you mean"
                + " \"/v1/embeddings\"? Name it with --allowed-endpoints if the server has it.");

    sources.flags(
        Map.of("endpoint", List.of("/v1/mine"), "allowed-endpoints", List.of("/v1/mine")));
    assertThat(sources.resolve().get(EndpointOptions.ENDPOINT)).isEqualTo("/v1/mine");
  }

  @Test
  void aHeaderIsNeverShownAndNotTakenFromTheSparkConfiguration() {
    sources.flags(Map.of("header", List.of("X-Secret: hunter2")));
    ResolvedOptions resolved = sources.resolve();

    assertThat(resolved.get(KeyOptions.HEADER)).containsEntry("X-Secret", "hunter2");
    assertThat(resolved.asStrings()).containsEntry("header", "X-Secret: ********");
    assertThat(resolved.toString()).doesNotContain("hunter2");
    assertThat(ResolvedOptions.ofStrings(resolved.asStrings()).get(KeyOptions.HEADER)).isEmpty();

    sources.flags(Map.of("header", List.of("hunter2")));
    assertThatThrownBy(sources::resolve)
        .hasMessageContaining("Option --header: the value is not a header")
        .message()
        .doesNotContain("hunter2");

    sources.flags(Map.of()).sparkConf(Map.of("spark.batchinfer.header", "X: hunter2"));
    assertThatThrownBy(sources::resolve)
        .hasMessageContaining("spark.batchinfer.header may hold a secret")
        .hasMessageContaining("BATCHINFER_HEADER")
        .message()
        .doesNotContain("hunter2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no colon hunter2",
        ": hunter2",
        "bad name: hunter2",
        "A: hunter2\nB: x",
        "Host: hunter2"
      })
  void aBadHeaderIsRefusedWithoutShowingItsValue(String line) {
    sources.flags(Map.of("header", List.of(line)));

    assertThatThrownBy(sources::resolve)
        .hasMessageStartingWith("Option --header: ")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void aValueCanBeAddedAfterwards() {
    ResolvedOptions resolved =
        sources
            .resolve()
            .with(EndpointOptions.BASE_URL, List.of("http://127.0.0.1:9"), "simulator");

    assertThat(resolved.get(EndpointOptions.BASE_URL)).containsExactly("http://127.0.0.1:9");
    assertThat(resolved.source(EndpointOptions.BASE_URL)).isEqualTo("simulator");
    assertThat(resolved.asStrings()).containsEntry("base-url", "http://127.0.0.1:9");
  }

  @Test
  void aKeyGivenInPlaceOfAVariableNameIsNotShown() {
    sources.flags(Map.of("api-key-env", List.of("sk-hunter2")));

    assertThatThrownBy(sources::resolve)
        .hasMessageContaining("is not the name of an environment variable")
        .message()
        .doesNotContain("hunter2");
  }

  @Test
  void aRequiredOptionIsAskedForByEveryNameItHas() {
    ResolvedOptions resolved = sources.resolve();

    assertThatThrownBy(() -> resolved.require(InputOutputOptions.INPUT))
        .isInstanceOfSatisfying(
            BatchException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.USAGE))
        .hasMessageContaining("Option --input is missing")
        .hasMessageContaining("Give --input PATH, or set BATCHINFER_INPUT.");
    assertThatThrownBy(() -> resolved.get(ModelOptions.MODEL))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void identityHoldsWhatChangesTheBodiesAndNothingElse() {
    ResolvedOptions resolved =
        sources
            .flags(
                Map.of(
                    "model", List.of("m"),
                    "concurrency", List.of("3"),
                    "base-url", List.of("http://x"),
                    "embeddings-encoding", List.of("base64")))
            .resolve();

    assertThat(resolved.identity())
        .isEqualTo(
            new TreeMap<>(
                Map.of(
                    "endpoint", "/v1/chat/completions",
                    "model", "m",
                    "model-override", "false",
                    "keep-line-models", "false",
                    "embeddings-encoding", "base64",
                    "on-invalid", "fail")));
  }

  @Test
  void theFolderSuppliesConfigurationAndProfiles(@TempDir Path conf) throws IOException {
    Files.createDirectories(conf.resolve("providers"));
    Files.writeString(
        conf.resolve("batchinfer.conf"), "\uFEFFprovider = house\r\nconcurrency = 5\r\n");
    Files.writeString(conf.resolve("providers/house.conf"), "base-url = http://house/v1\n");
    ResolvedOptions resolved = sources.confFolder(conf).resolve();

    assertThat(resolved.get(RateOptions.CONCURRENCY)).isEqualTo(5);
    assertThat(resolved.get(EndpointOptions.BASE_URL)).containsExactly("http://house");
    assertThat(resolved.profile().orElseThrow().name()).isEqualTo("house");

    Files.writeString(conf.resolve("other.conf"), "concurrency = 6\n");
    sources.environment(Map.of("BATCHINFER_CONFIG", conf.resolve("other.conf").toString()));
    assertThat(sources.resolve().get(RateOptions.CONCURRENCY)).isEqualTo(6);
    assertThat(sources.resolve().profile()).isEmpty();

    sources.flags(Map.of("config", List.of("nowhere.conf")));
    assertThatThrownBy(sources::resolve)
        .hasMessageContaining("Option --config: the file \"nowhere.conf\" cannot be read");
  }

  @Test
  void aFolderWithoutFilesIsFine(@TempDir Path conf) {
    assertThat(sources.confFolder(conf).resolve().get(RetryOptions.MAX_ATTEMPTS)).isEqualTo(5);
  }

  @Test
  void unknownEnvironmentVariablesAreLeftAlone() {
    sources.environment(Map.of("BATCHINFER_HOME", "/opt/batchinfer"));

    assertThat(sources.resolve().asStrings())
        .isEqualTo(OptionSources.builder().resolve().asStrings());
  }
}
