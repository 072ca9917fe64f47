package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.EndpointPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ProviderProfileTest {

  static List<String> shipped() {
    return ProviderProfile.SHIPPED;
  }

  @ParameterizedTest
  @MethodSource("shipped")
  void everyShippedProfileLoadsFromTheProgramAndFromTheFolder(String name) {
    ProviderProfile packaged = ProviderProfile.load(name, null);
    ProviderProfile onDisk = ProviderProfile.load(name, Path.of("conf"));

    assertThat(packaged.name()).isEqualTo(name).isEqualTo(onDisk.name());
    assertThat(EndpointPaths.KNOWN).containsAll(packaged.endpoints());
    assertThat(packaged.endpoints()).isNotEmpty().isEqualTo(onDisk.endpoints());
    assertThat(OptionSources.builder().profile(packaged).resolve().get(EndpointOptions.BASE_URL))
        .hasSize(List.of("azure", "lorax", "predibase", "vllm").contains(name) ? 0 : 1);
  }

  @Test
  void theListOfShippedProfilesIsTheFolder() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("conf/providers"))) {
      assertThat(files.map(file -> file.getFileName().toString().replace(".conf", "")))
          .containsExactlyInAnyOrderElementsOf(ProviderProfile.SHIPPED);
    }
  }

  @Test
  void aProfileStatesLimitsAndHabits() {
    ProviderProfile openai = ProviderProfile.load("openai", null);

    assertThat(openai.maxBatchLines()).contains(50_000L);
    assertThat(openai.maxBatchBytes()).contains(200_000_000L);
    assertThat(openai.maxTokensField()).isEqualTo("max_completion_tokens");
    assertThat(openai.honoursIdempotencyKey()).isFalse();
    assertThat(ProviderProfile.load("vllm", null).maxBatchLines()).isEmpty();
  }

  @Test
  void adapterProvidersKeepTheModelsOfTheLines() {
    assertThat(resolved("lorax", Map.of()).get(ModelOptions.KEEP_LINE_MODELS)).isTrue();
    assertThat(resolved("predibase", Map.of()).get(ModelOptions.KEEP_LINE_MODELS)).isTrue();
    assertThat(resolved("openai", Map.of()).get(ModelOptions.KEEP_LINE_MODELS)).isFalse();
  }

  @Test
  void theKeyVariableOfAProfileCountsOnlyWhereItIsSet() {
    Map<String, String> environment = Map.of("OPENAI_API_KEY", "hunter2");

    assertThat(resolved("openai", Map.of()).find(KeyOptions.API_KEY_ENV)).isEmpty();
    assertThat(ApiKeys.read(resolved("openai", environment), environment)).contains("hunter2");
  }

  @Test
  void aProviderThatNeedsAKeyIsNotAskedWithoutOne() {
    for (String provider : List.of("openai", "mistral", "parasail", "predibase")) {
      ProviderProfile profile = ProviderProfile.load(provider, null);
      assertThatThrownBy(() -> ApiKeys.read(resolved(provider, Map.of()), Map.of()))
          .as(provider)
          .hasMessageStartingWith("Provider \"" + provider + "\" needs an API key")
          .hasMessageContaining(profile.keyVariable().orElseThrow() + " is not set")
          .hasMessageContaining("--api-key-env NAME or --api-key-file FILE");
    }
  }

  @Test
  void noKeyIsNeededWhereThereIsNoneOrTheUserHasTheirOwnWay() {
    assertThat(ApiKeys.read(resolved("vllm", Map.of()), Map.of())).isEmpty();
    assertThat(ApiKeys.read(resolved("lorax", Map.of()), Map.of())).isEmpty();
    assertThat(ApiKeys.read(withOpenAi("base-url", "http://proxy:4000"), Map.of())).isEmpty();
    assertThat(ApiKeys.read(withOpenAi("header", "Authorization: Bearer mine"), Map.of()))
        .isEmpty();
    assertThatThrownBy(() -> ApiKeys.read(withOpenAi("header", "X-Team: mine"), Map.of()))
        .hasMessageContaining("OPENAI_API_KEY");
  }

  private static ResolvedOptions withOpenAi(String flag, String value) {
    return OptionSources.builder()
        .flags(Map.of("provider", List.of("openai"), flag, List.of(value)))
        .resolve();
  }

  @Test
  void theKeyOfAProfileIsNotSentToTheSimulatedEndpoint() {
    Map<String, String> environment = Map.of("OPENAI_API_KEY", "hunter2");
    ResolvedOptions resolved =
        OptionSources.builder()
            .flags(Map.of("provider", List.of("openai"), "simulate", List.of("true")))
            .environment(environment)
            .resolve();

    assertThat(resolved.find(KeyOptions.API_KEY_ENV)).isEmpty();
    assertThat(resolved.get(EndpointOptions.BASE_URL)).isEmpty();
  }

  @Test
  void anExplicitKeyVariableMustBeSet() {
    ResolvedOptions resolved =
        OptionSources.builder().flags(Map.of("api-key-env", List.of("MY_KEY"))).resolve();

    assertThat(ApiKeys.read(resolved, Map.of("MY_KEY", " k1\n"))).contains("k1");
    assertThatThrownBy(() -> ApiKeys.read(resolved, Map.of()))
        .hasMessage(
            "Environment variable \"MY_KEY\", named by --api-key-env, holds no API key: it is not"
                + " set or empty. Put the key there, or name another.");
    assertThatThrownBy(() -> ApiKeys.read(resolved, Map.of("MY_KEY", "hun ter2")))
        .hasMessageContaining("holds no single API key")
        .message()
        .doesNotContain("ter2");
  }

  @Test
  void aKeyFileWinsOverTheVariableOfAProfile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("key"), "from-file\n");
    Map<String, String> environment = Map.of("OPENAI_API_KEY", "from-variable");
    ResolvedOptions resolved =
        OptionSources.builder()
            .flags(Map.of("api-key-file", List.of(file.toString())))
            .environment(environment)
            .profile(ProviderProfile.load("openai", null))
            .resolve();

    assertThat(ApiKeys.read(resolved, environment)).contains("from-file");
    Optional<String> shown = Optional.ofNullable(resolved.asStrings().get("api-key-file"));
    assertThat(shown).contains(file.toString());
  }

  @Test
  void aMistypedNameIsAnsweredWithASuggestion() {
    assertThatThrownBy(
            () -> OptionSources.builder().flags(Map.of("provider", List.of("mistrel"))).resolve())
        .hasMessage(
            "Option --provider: There is no provider profile \"mistrel\". Did you mean \"mistral\"?"
                + " Give one of "
                + String.join(", ", ProviderProfile.SHIPPED)
                + ", or the path of a profile file.");
  }

  @Test
  void aPathNamesAnyProfileFile(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("mine.conf"), "batch-max-lines = 7\n");

    assertThat(ProviderProfile.load(file.toString(), null).maxBatchLines()).contains(7L);
    assertThatThrownBy(() -> ProviderProfile.load(folder + "/no.conf", null))
        .hasMessageContaining("cannot be read");
  }

  @Test
  void allMistakesOfAProfileAreReportedWithTheirLines() {
    List<String> lines = List.of("batch-max-line = 7", "batch-max-bytes = lots", "provider = x");

    assertThatThrownBy(() -> ProviderProfile.parse("p", "p.conf", lines))
        .hasMessageContaining("Key \"batch-max-line\" (p.conf:1) is unknown. Did you mean")
        .hasMessageContaining("Key \"batch-max-bytes\" (p.conf:2): \"lots\" is not a size")
        .hasMessageContaining("A profile (p.conf:3) cannot name another provider.");
  }

  private static ResolvedOptions resolved(String provider, Map<String, String> environment) {
    return OptionSources.builder()
        .flags(Map.of("provider", List.of(provider)))
        .environment(environment)
        .resolve();
  }
}
