package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.lead.SharedQuotas.Use;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Runs of one driver that send to the same endpoint with the same key share its limits. */
class SharedQuotasTest {
  private static final Optional<String> KEY = Optional.of("k");

  private final SharedQuotas quotas = new SharedQuotas();

  @AfterEach
  void close() {
    quotas.close();
  }

  private static ResolvedOptions options(String url, Map<String, String> more) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("base-url", List.of(url));
    more.forEach((name, value) -> flags.put(name, List.of(value)));
    return OptionSources.builder().flags(flags).resolve();
  }

  private Use use(String url, int concurrency, Optional<String> key) {
    return quotas.use(options(url, Map.of("concurrency", Integer.toString(concurrency))), key);
  }

  @Test
  void limitsAreThoseOfTheOptions() {
    QuotaLimits limits =
        SharedQuotas.limits(
            options(
                "http://a:1",
                Map.of(
                    "concurrency", "7",
                    "requests-per-minute", "600",
                    "tokens-per-minute", "9000",
                    "max-cool-down", "90s")));

    assertThat(limits).isEqualTo(new QuotaLimits(7, 600, 9_000, Duration.ofSeconds(90)));
    assertThat(SharedQuotas.limits(options("http://a:1", Map.of())).concurrency()).isZero();
  }

  @Test
  void theSameEndpointAndKeyAreOneQuota() {
    Use first = use("http://a:1", 4, KEY);

    assertThat(use("http://a:1", 4, KEY).quota()).isSameAs(first.quota());
  }

  @Test
  void anotherKeyOrEndpointIsAnother() {
    Use first = use("http://a:1", 4, KEY);

    assertThat(use("http://a:1", 4, Optional.of("other")).quota()).isNotSameAs(first.quota());
    assertThat(use("http://a:1", 4, Optional.empty()).quota()).isNotSameAs(first.quota());
    assertThat(use("http://b:1", 4, KEY).quota()).isNotSameAs(first.quota());
  }

  @Test
  void whatIsKnownOfAnEndpointIsKeptForTheNextRun() {
    Use first = use("http://a:1", 4, KEY);
    first.close();

    assertThat(use("http://a:1", 4, KEY).quota()).isSameAs(first.quota());
  }

  @Test
  void aRunWithOtherLimitsBesideItSharesItsQuotaUntilTheLastHasEnded() {
    Use wide = use("http://a:1", 8, KEY);
    Use narrow = use("http://a:1", 2, KEY);
    assertThat(narrow.quota()).isSameAs(wide.quota());

    narrow.close();
    assertThat(use("http://a:1", 8, KEY).quota()).as("one run goes on").isSameAs(wide.quota());
  }

  @Test
  void theNextRunAfterRestrictedOnesBeginsWithItsOwnLimits() {
    Use wide = use("http://a:1", 8, KEY);
    Use narrow = use("http://a:1", 2, KEY);
    wide.close();
    narrow.close();

    assertThat(use("http://a:1", 8, KEY).quota()).isNotSameAs(wide.quota());
  }

  @Test
  void theNextRunWithOtherLimitsBeginsAnew() {
    Use first = use("http://a:1", 8, KEY);
    first.close();

    assertThat(use("http://a:1", 2, KEY).quota()).isNotSameAs(first.quota());
  }

  @Test
  void aUseThatIsClosedTwiceEndsOnce() {
    Use first = use("http://a:1", 8, KEY);
    Use second = use("http://a:1", 8, KEY);
    first.close();
    first.close();

    assertThat(use("http://a:1", 2, KEY).quota())
        .as("the second run still uses it")
        .isSameAs(second.quota());
  }

  @Test
  void anEngineMayTakeAsLongToComeBackAsToStart() {
    Map<String, String> slow =
        Map.of("engine", "serve {port}", "engine-ready-timeout", "20m", "max-cool-down", "15m");
    Map<String, String> patient =
        Map.of("engine", "serve {port}", "engine-ready-timeout", "1m", "max-cool-down", "15m");

    assertThat(SharedQuotas.limits(ofEngine(slow)).maxCoolDown()).isEqualTo(Duration.ofMinutes(25));
    assertThat(SharedQuotas.limits(ofEngine(patient)).maxCoolDown())
        .isEqualTo(Duration.ofMinutes(15));
  }

  private static ResolvedOptions ofEngine(Map<String, String> flags) {
    Map<String, List<String>> all = new TreeMap<>();
    flags.forEach((name, value) -> all.put(name, List.of(value)));
    return OptionSources.builder().flags(all).resolve();
  }

  @Test
  void otherLimitsOfARunBesideItHoldForBoth() {
    Use wide = use("http://a:1", 8, KEY);
    QuotaAuthority run =
        new QuotaAuthority(
            wide.quota(),
            QuotaGroup.of(1),
            List.of(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(70),
            () -> true);
    assertThat(run.slots()).isEqualTo(8);

    use("http://a:1", 2, KEY);

    assertThat(run.slots()).isEqualTo(2);
  }
}
