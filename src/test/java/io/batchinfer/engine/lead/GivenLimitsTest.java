package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.course.StatedLimit;
import io.batchinfer.quota.QuotaLimits;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GivenLimitsTest {
  private static ResolvedOptions options(Map<String, String> more) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("base-url", List.of("http://a:1"));
    more.forEach((name, value) -> flags.put(name, List.of(value)));
    return OptionSources.builder().flags(flags).resolve();
  }

  @Test
  void limitsAreToldWithWhereTheyComeFrom() {
    List<StatedLimit> limits =
        GivenLimits.of(
            options(
                Map.of(
                    "concurrency", "7", "requests-per-minute", "60", "tokens-per-minute", "900")));

    assertThat(limits)
        .extracting(StatedLimit::name)
        .containsExactly("concurrency", "requests_per_minute", "tokens_per_minute");
    assertThat(limits).extracting(StatedLimit::value).containsExactly(7.0, 60.0, 900.0);
    assertThat(limits)
        .extracting(StatedLimit::from)
        .containsExactly("--concurrency", "--requests-per-minute", "--tokens-per-minute");
  }

  @Test
  void aConcurrencyThatNobodyGaveIsFound() {
    assertThat(GivenLimits.of(options(Map.of())))
        .containsExactly(new StatedLimit("concurrency", QuotaLimits.MOST_ADAPTIVE, "found"));
  }
}
