package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.Options;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

class OptionFlagsTest {
  private final StringWriter errors = new StringWriter();

  @Test
  void valuesComeBackAsTexts() {
    Map<String, List<String>> given =
        given(
            "-i",
            "a.jsonl",
            "b.jsonl",
            "--input",
            "c,d",
            "-o",
            "out",
            "--base-url=http://x/v1",
            "--base-url",
            "http://y",
            "--request-timeout",
            "5m",
            "--metadata",
            "k=a,b",
            "--resume");

    assertThat(given)
        .containsEntry("input", List.of("a.jsonl", "b.jsonl", "c,d"))
        .containsEntry("output", List.of("out"))
        .containsEntry("base-url", List.of("http://x/v1", "http://y"))
        .containsEntry("request-timeout", List.of("5m"))
        .containsEntry("metadata", List.of("k=a,b"))
        .containsEntry("resume", List.of("true"))
        .hasSize(6);
  }

  @Test
  void aFlagWhoseValueMayBeLeftOutTakesTheNextOneOnlyWhereItIsNoFlag() {
    assertThat(given("--page", "--resume")).containsEntry("page", List.of("0"));
    assertThat(given("--page")).containsEntry("page", List.of("0"));
    assertThat(given("--page", "8099", "--resume")).containsEntry("page", List.of("8099"));
    assertThat(given("--page=8099")).containsEntry("page", List.of("8099"));
  }

  @Test
  void nothingGivenIsNothingRead() {
    assertThat(given()).isEmpty();
  }

  @Test
  void aSwitchTakesAValueOnlyWithAnEqualsSign() {
    assertThat(given("--json=false", "--resume"))
        .isEqualTo(Map.of("json", List.of("false"), "resume", List.of("true")));
  }

  @Test
  void aSwitchLeavesTheFollowingArgumentAlone() {
    CommandLine command = command();
    command.getCommandSpec().addPositional(PositionalParamSpec.builder().index("0").build());
    CommandLine.ParseResult parsed = command.parseArgs("--partial", "folder");

    assertThat(OptionFlags.given(parsed, Options.all()))
        .isEqualTo(Map.of("partial", List.of("true")));
    assertThat(parsed.matchedPositionalValue(0, "")).isEqualTo("folder");
  }

  @Test
  void aRepeatedSingleOptionIsLeftForTheResolutionToRefuse() {
    assertThat(given("--model", "a", "--model", "b")).isEqualTo(Map.of("model", List.of("a", "b")));
  }

  @Test
  void everyOptionHasItsFlagUnderAHeading() {
    String usage = command().getUsageMessage(CommandLine.Help.Ansi.OFF);

    for (Option<?> option : Options.all()) {
      assertThat(usage).contains(option.flag());
    }
    assertThat(usage)
        .contains(
            "\nInput and output\n",
            "  -i, --input=PATH...",
            "\nRates and sizes\n",
            "      --json  ");
    assertThat(usage.replaceAll("\\s+", " ")).contains("Value at least 1ms. Default: 10m.");
  }

  @Test
  void theFlagsFeedTheResolution() {
    ResolvedOptions resolved =
        OptionSources.builder().flags(given("--concurrency", "7", "--rerun")).resolve();

    assertThat(resolved.get(RateOptions.CONCURRENCY)).isEqualTo(7);
    assertThat(resolved.get(RepeatOptions.RERUN)).isTrue();
  }

  @Test
  void aSubsetOfTheOptionsIsAllThereIs() {
    CommandSpec spec = CommandSpec.create().name("verify");
    OptionFlags.addTo(spec, List.of(InputOutputOptions.OUTPUT, GeneralOptions.JSON));

    assertThat(spec.options()).hasSize(2);
  }

  @Test
  void anUnknownFlagIsAnsweredWithASuggestionAndExitCodeTwo() {
    assertThat(execute("--request-timout", "5m")).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("Option --request-timout is unknown. Did you mean \"--request-timeout\"?")
        .contains("Try \"run --help\" for what it takes.")
        .hasLineCount(1);
  }

  @Test
  void aMisspeltFlagBehindAnOptionOfManyValuesIsNoneOfThem() {
    assertThat(execute("--input", "a.jsonl", "--outptu", "out")).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("Option --outptu is unknown. Did you mean \"--output\"?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--api-key=hunter2", "--apikey=hunter2", "hunter2", "-k=hunter2"})
  void theValueOfAnUnknownArgumentIsNotShown(String argument) {
    assertThat(execute(argument)).isEqualTo(2);
    assertThat(errors.toString()).isNotBlank().doesNotContain("hunter2");
  }

  @Test
  void aKeyAsAnArgumentIsAnsweredWithTheWayToPassOne() {
    assertThat(execute("--api-key", "hunter2")).isEqualTo(2);
    assertThat(errors.toString()).contains("--api-key-env").doesNotContain("hunter2");
  }

  @Test
  void anUnknownCommandIsAnsweredWithASuggestion() {
    CommandLine parent = command().addSubcommand("validate", command());
    parent.setErr(new PrintWriter(errors));
    OptionFlags.answerMistakes(parent);

    assertThat(parent.execute("valdate")).isEqualTo(2);
    assertThat(errors.toString())
        .startsWith("There is no such command. Did you mean \"validate\"?");
  }

  @Test
  void aMissingValueNamesTheOption() {
    assertThat(execute("--model")).isEqualTo(2);
    assertThat(errors.toString()).startsWith("Missing: --model NAME.");
  }

  @Test
  void aSwitchWithAnotherValueNamesTheSwitch() {
    assertThat(execute("--json=hunter2")).isEqualTo(2);
    assertThat(errors.toString()).contains("--json").doesNotContain("hunter2");
  }

  private static Map<String, List<String>> given(String... arguments) {
    return OptionFlags.given(command().parseArgs(arguments), Options.all());
  }

  private int execute(String... arguments) {
    CommandLine command = command();
    command.setErr(new PrintWriter(errors));
    return command.execute(arguments);
  }

  private static CommandLine command() {
    CommandSpec spec = CommandSpec.wrapWithoutInspection((Runnable) () -> {}).name("run");
    OptionFlags.addTo(spec, Options.all());
    CommandLine command = new CommandLine(spec);
    OptionFlags.answerMistakes(command);
    return command;
  }
}
