package io.batchinfer.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.ModelOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineRulesTest {
  private static final String LORAX =
      "lorax --model-id {model} --quantize {quantization} --port {port}";

  private static ResolvedOptions options(String... flags) {
    Map<String, List<String>> given = new TreeMap<>();
    for (int i = 0; i < flags.length; i += 2) {
      given.put(flags[i], List.of(flags[i + 1]));
    }
    return OptionSources.builder().flags(given).resolve();
  }

  @Test
  void theBaseModelIsTheModelOfRowsThatNameNone() {
    ResolvedOptions resolved =
        EngineRules.resolved(options("engine", "s --port {port}", "base-model", "mistral-7b"));
    ResolvedOptions chosen =
        EngineRules.resolved(
            options("engine", "s --port {port}", "base-model", "mistral-7b", "model", "served"));

    assertThat(resolved.get(ModelOptions.MODEL)).isEqualTo("mistral-7b");
    assertThat(resolved.get(ModelOptions.KEEP_LINE_MODELS)).isTrue();
    assertThat(chosen.get(ModelOptions.MODEL)).isEqualTo("served");
    assertThat(chosen.get(ModelOptions.KEEP_LINE_MODELS)).isFalse();
  }

  @Test
  void aPlaceholderThatNothingFillsIsRefused() {
    assertThatThrownBy(() -> EngineRules.resolved(options("engine", LORAX)))
        .hasMessageContaining("{quantization}")
        .hasMessageContaining("--quantization");
    assertThat(
            EngineRules.resolved(options("engine", LORAX, "quantization", "bitsandbytes"))
                .get(EngineOptions.ENGINE))
        .isEqualTo(LORAX);
  }

  @Test
  void whatIsSaidOfAnEngineNeedsOne() {
    assertThatThrownBy(
            () -> EngineRules.resolved(options("base-url", "http://a", "image-tag", "latest")))
        .hasMessageContaining("--image-tag")
        .hasMessageContaining("--engine");
  }

  @Test
  void theHubsTokenIsAVariableOfEnginesUnderTheNameThatItsLibrariesKnow() {
    ResolvedOptions options =
        options("engine", "s --port {port}", "hub-token-env", "TEAM_HUB_TOKEN");

    assertThat(
            RequestSecrets.of(options, Optional.empty(), Map.of("TEAM_HUB_TOKEN", "hf_x")).engine())
        .containsExactly(Map.entry("HF_TOKEN", "hf_x"));
    assertThatThrownBy(() -> RequestSecrets.of(options, Optional.empty(), Map.of()))
        .hasMessageContaining("TEAM_HUB_TOKEN")
        .hasMessageContaining("--hub-token-env");
  }

  @Test
  void aDeploymentSaysItAndWhatIsTypedGoesFirst(@TempDir Path conf) throws IOException {
    Files.createDirectories(conf.resolve("deployments"));
    Files.writeString(
        conf.resolve("deployments/mistral.conf"),
        """
        engine = lorax --model-id {model} --quantize {quantization} --port {port}
        base-model = mistral-7b
        adapters = one, two
        quantization = eetq
        """);
    Files.writeString(conf.resolve("batchinfer.conf"), "base-url = http://other\n");
    OptionSources.Builder sources = OptionSources.builder().confFolder(conf);

    ResolvedOptions deployed =
        EngineRules.resolved(
            sources
                .flags(
                    Map.of("deployment", List.of("mistral"), "quantization", List.of("hqq-4bit")))
                .resolve());

    assertThat(deployed.find(EngineOptions.ENGINE)).contains(LORAX);
    assertThat(deployed.get(ModelOptions.MODEL)).isEqualTo("mistral-7b");
    assertThat(deployed.find(EngineOptions.ADAPTERS).orElseThrow()).containsExactly("one", "two");
    assertThat(deployed.find(EngineOptions.QUANTIZATION)).contains("hqq-4bit");
    assertThat(deployed.find(EndpointOptions.BASE_URL).orElse(List.of())).isEmpty();
    assertThat(
            EngineRules.resolved(
                    sources
                        .flags(
                            Map.of("deployment", List.of("mistral"), "simulate", List.of("true")))
                        .resolve())
                .find(EngineOptions.ENGINE))
        .isEmpty();
    assertThatThrownBy(() -> sources.flags(Map.of("deployment", List.of("../mistral"))).resolve())
        .hasMessageContaining("there is no deployment \"../mistral\"");
    Files.writeString(conf.resolve("deployments/nested.conf"), "deployment = mistral\n");
    assertThatThrownBy(() -> sources.flags(Map.of("deployment", List.of("nested"))).resolve())
        .hasMessageContaining("cannot name another deployment");
  }
}
