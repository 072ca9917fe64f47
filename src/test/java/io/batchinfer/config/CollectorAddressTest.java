package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CollectorAddressTest {
  private static final String USUAL = "OTEL_EXPORTER_OTLP_HEADERS";

  private static ResolvedOptions options(String... namesAndValues) {
    Map<String, List<String>> flags = new TreeMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      flags.put(namesAndValues[i], List.of(namesAndValues[i + 1]));
    }
    return OptionSources.builder().flags(flags).resolve();
  }

  @ParameterizedTest
  @CsvSource({
    "http://otel:4318, http://otel:4318",
    "https://otel.example/, https://otel.example",
    "http://otel:4318/base/, http://otel:4318/base"
  })
  void anAddressIsKeptWithoutItsLastSlash(String given, String kept) {
    assertThat(options("otlp-endpoint", given).get(WatchingOptions.OTLP_ENDPOINT)).isEqualTo(kept);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "otel:4317",
        "http://user:s3cr3t-word@otel:4318",
        "http://otel:4318/?token=s3cr3t-word",
        "http://otel:4318/v1/traces",
        "http://otel:0",
        "http://"
      })
  void anotherAddressIsRefusedWithoutBeingShown(String given) {
    assertThatThrownBy(() -> options("otlp-endpoint", given))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("otlp-endpoint")
        .hasMessageContaining("give ")
        .hasMessageNotContaining("s3cr3t");
  }

  @Test
  void headersComeFromTheUsualVariableOrTheOneThatIsNamed() {
    ResolvedOptions usual = options("otlp-endpoint", "http://otel:4318");
    ResolvedOptions named =
        options("otlp-endpoint", "http://otel:4318", "otlp-headers-env", "MINE");
    Map<String, String> environment =
        Map.of(USUAL, "api-key=a%20b+c, x-other = 1", "MINE", "authorization=Basic%20eDp5==");

    assertThat(CollectorAddress.headers(usual, environment))
        .containsExactly(Map.entry("api-key", "a b+c"), Map.entry("x-other", "1"));
    assertThat(CollectorAddress.headers(named, environment))
        .containsExactly(Map.entry("authorization", "Basic eDp5=="));
    assertThat(CollectorAddress.headers(usual, Map.of())).isEmpty();
    assertThat(CollectorAddress.headers(options(), environment)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s3cr3t-word", "=s3cr3t-word", "a=s3cr3t%0aword", "a=%zz", "host=x"})
  void whatIsNoHeaderIsRefusedWithoutBeingShown(String value) {
    ResolvedOptions named =
        options("otlp-endpoint", "http://otel:4318", "otlp-headers-env", "MINE");

    assertThatThrownBy(() -> CollectorAddress.headers(named, Map.of("MINE", value)))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("MINE")
        .hasMessageContaining("--otlp-headers-env")
        .hasMessageNotContaining("s3cr3t");
  }
}
