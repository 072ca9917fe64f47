package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.Options;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.metrics.Metric;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What operators start from: the dashboard, the systemd unit, the manifests, the deployment. */
class OperationsFilesTest {
  private static final Path CONF = Path.of("conf");
  private static final Pattern METRIC = Pattern.compile("batchinfer_[a-z_]+");
  private static final Pattern SETTING = Pattern.compile("(?m)^#([a-z][a-z0-9-]* = )");
  private static final Pattern FLAG = Pattern.compile("--([a-z-]+)");

  /** What {@code ServiceHook} allows for saving after the requests under way. */
  private static final Duration SAVING = Duration.ofSeconds(20);

  @Test
  void theDashboardShowsEveryMetricAndNoOther() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(CONF.resolve("grafana/batchinfer.json").toFile());
    Map<String, Metric> known = new HashMap<>();
    for (Metric metric : Metric.values()) {
      known.put(metric.exported(), metric);
      if (metric.type().equals("summary")) {
        known.put(metric.exported() + "_count", metric);
      }
    }
    Set<Metric> shown = new TreeSet<>();

    for (JsonNode expression : dashboard.findValues("expr")) {
      METRIC
          .matcher(expression.textValue())
          .results()
          .map(MatchResult::group)
          .forEach(
              name -> {
                assertThat(known).as("%s", expression).containsKey(name);
                shown.add(known.get(name));
              });
    }

    assertThat(shown).containsExactlyInAnyOrder(Metric.values());
  }

  @Test
  void theDashboardAsksMetricsForTheirOwnLabels() throws IOException {
    JsonNode dashboard =
        new ObjectMapper().readTree(CONF.resolve("grafana/batchinfer.json").toFile());
    Pattern selected = Pattern.compile("(batchinfer_[a-z_]+?)(_count)?\\{([^}]*)\\}");
    Pattern summed = Pattern.compile(" by \\(([a-z, ]+)\\)");

    for (JsonNode expression : dashboard.findValues("expr")) {
      MatchResult selection =
          selected.matcher(expression.textValue()).results().findFirst().orElseThrow();
      Metric metric =
          Stream.of(Metric.values())
              .filter(each -> each.exported().equals(selection.group(1)))
              .findFirst()
              .orElseThrow();
      List<String> labels = new ArrayList<>(metric.labels());
      labels.addAll(List.of("job", "quantile"));
      for (String matcher : selection.group(3).split(",", -1)) {
        assertThat(labels).contains(matcher.replaceFirst("[=~!].*", ""));
      }
      summed
          .matcher(expression.textValue())
          .results()
          .forEach(sum -> assertThat(labels).contains(sum.group(1).split(", ", -1)));
    }
  }

  @Test
  void panelsDoNotOverlap() throws IOException {
    JsonNode panels =
        new ObjectMapper()
            .readTree(CONF.resolve("grafana/batchinfer.json").toFile())
            .path("panels");
    Set<String> cells = new TreeSet<>();

    for (JsonNode panel : panels) {
      JsonNode at = panel.path("gridPos");
      for (int x = 0; x < at.path("w").intValue(); x++) {
        String cell = at.path("y").intValue() + "/" + (at.path("x").intValue() + x);
        assertThat(cells.add(cell)).as("%s", panel.path("title")).isTrue();
      }
    }
  }

  @Test
  void systemdTakesTheUnit(@TempDir Path folder) throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "no systemd");
    String unit = unit();
    assertThat(unit).contains("ExecStart=/opt/batchinfer/scripts/batchinfer ");
    Path copy =
        Files.writeString(
            folder.resolve("batchinfer.service"),
            // The command must exist where the unit is checked.
            unit.replace("ExecStart=/opt/batchinfer", "ExecStart=" + Path.of("").toAbsolutePath()));

    Finished finished =
        ForkedProcess.command("/usr/bin/systemd-analyze", "verify", "--man=no", copy.toString())
            .run(LONG_ENOUGH);

    assertThat(finished.stderr()).doesNotContain("batchinfer.service:");
    assertThat(finished.exitCode()).as("%s", finished).isZero();
  }

  private static String unit() throws IOException {
    return Files.readString(CONF.resolve("systemd/batchinfer.service"));
  }

  @Test
  void theUnitWaitsForTheServiceToSave() throws IOException {
    MatchResult stop =
        Pattern.compile("(?m)^TimeoutStopSec=(\\d+)$")
            .matcher(unit())
            .results()
            .findFirst()
            .orElseThrow();

    assertThat(unit()).contains("\nKillSignal=SIGTERM\n").contains("\nRestart=on-failure\n");
    assertThat(Duration.ofSeconds(Long.parseLong(stop.group(1)))).isGreaterThan(stopping());
    assertServeTakes(
        unit().lines().filter(line -> line.startsWith("ExecStart=")).findFirst().orElseThrow());
  }

  private static Duration stopping() {
    return OptionSources.builder().resolve().get(RetryOptions.DRAIN_TIMEOUT).plus(SAVING);
  }

  private static void assertServeTakes(String commandLine) {
    assertThat(FLAG.matcher(commandLine).results().map(match -> match.group(1)))
        .isNotEmpty()
        .filteredOn(flag -> !flag.equals("driver-memory"))
        .allMatch(flag -> Options.named(flag).isPresent());
  }

  @Test
  void theManifestsRunOnePodThatMayDoLittle() throws IOException {
    ObjectNode manifests = new ObjectMapper().createObjectNode();
    try (var documents =
        new YAMLMapper()
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(CONF.resolve("kubernetes/batchinfer.yaml").toFile())) {
      documents.forEachRemaining(
          document -> manifests.set(document.path("kind").textValue(), document));
    }
    assertThat(manifests.fieldNames())
        .toIterable()
        .containsExactlyInAnyOrder("PersistentVolumeClaim", "Service", "Deployment");
    JsonNode deployment = manifests.path("Deployment").path("spec");
    JsonNode pod = deployment.at("/template/spec");
    JsonNode container = pod.path("containers").path(0);

    assertThat(deployment.path("replicas").intValue()).isEqualTo(1);
    assertThat(deployment.at("/strategy/type").textValue()).isEqualTo("Recreate");
    assertThat(deployment.at("/selector/matchLabels"))
        .isEqualTo(deployment.at("/template/metadata/labels"))
        .isEqualTo(manifests.path("Service").at("/spec/selector"));
    assertThat(Duration.ofSeconds(pod.path("terminationGracePeriodSeconds").intValue()))
        .isGreaterThan(stopping());
    assertThat(pod.at("/securityContext/runAsNonRoot").booleanValue()).isTrue();
    assertThat(container.at("/securityContext/readOnlyRootFilesystem").booleanValue()).isTrue();
    assertThat(container.at("/securityContext/allowPrivilegeEscalation").asBoolean(true)).isFalse();
    assertThat(container.at("/livenessProbe/httpGet/path").textValue()).isEqualTo("/healthz");
    assertThat(container.at("/readinessProbe/httpGet/path").textValue()).isEqualTo("/readyz");
    assertThat(container.at("/resources/limits/memory").isTextual()).isTrue();
    assertServeTakes(container.path("args").toString());

    Set<String> volumes = new TreeSet<>(pod.path("volumes").findValuesAsText("name"));
    assertThat(container.path("volumeMounts").findValuesAsText("name"))
        .containsExactlyInAnyOrderElementsOf(volumes);
    assertThat(pod.at("/volumes/0/persistentVolumeClaim/claimName"))
        .isEqualTo(manifests.path("PersistentVolumeClaim").at("/metadata/name"));
    assertThat(pod.findValuesAsText("secretName")).containsExactly("batchinfer-keys");
  }

  @Test
  void theExampleOfADeploymentSaysNothingUntilItIsUncommented() throws IOException {
    String example = Files.readString(CONF.resolve("deployments/example.conf.template"));
    ResolvedOptions asItIs =
        OptionSources.builder().file("example", example.lines().toList()).resolve();
    // An endpoint that is there and one that is started exclude each other.
    ResolvedOptions endpoint =
        uncommented(example, "engine|base-model|adapters|quantization|image-tag|hub-token-env");
    ResolvedOptions engine = uncommented(example, "base-url|provider|api-key-env");

    assertThat(asItIs.asStrings()).isEqualTo(OptionSources.builder().resolve().asStrings());
    assertThat(endpoint.get(RateOptions.CONCURRENCY)).isEqualTo(128);
    assertThat(endpoint.find(EndpointOptions.BASE_URL).orElseThrow()).hasSize(2);
    assertThat(engine.get(RateOptions.CONCURRENCY)).isEqualTo(128);
    assertThat(engine.find(EngineOptions.ENGINE).orElseThrow()).startsWith("vllm serve ");
  }

  /**
   * The options of an example whose settings hold.
   *
   * @param but names of settings that stay as they are, as a pattern
   */
  private static ResolvedOptions uncommented(String example, String but) {
    List<String> lines =
        example
            .lines()
            .map(
                line ->
                    line.matches("#(" + but + ") = .*")
                        ? line
                        : SETTING.matcher(line).replaceAll("$1"))
            .toList();
    return OptionSources.builder().file("example", lines).resolve();
  }
}
