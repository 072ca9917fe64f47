package io.batchinfer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.docs.CheckedIn;
import io.batchinfer.simulation.Scenario.Measure;
import io.batchinfer.simulation.SimulationReport.Played;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulationTest {
  private List<Played> played = List.of();

  @BeforeAll
  void playAll() {
    played =
        Scenarios.all().stream()
            .parallel()
            .map(scenario -> new Played(scenario, SimulatedRun.play(scenario)))
            .toList();
  }

  @TestFactory
  Stream<DynamicTest> thePromisesOfEveryScenarioAreKept() {
    return played.stream()
        .map(one -> DynamicTest.dynamicTest(one.scenario().name, () -> promisesAreKept(one)));
  }

  private static void promisesAreKept(Played played) {
    Judge judge = played.judge();
    if (judge.stopReason().isEmpty()) {
      assertThat(judge.lost()).as("rows lost").isZero();
    }
    assertThat(judge.settledTwice()).as("rows settled twice").isZero();
    assertThat(judge.workedOnTooOften()).as("rows worked on too often").isZero();
    for (Measure measure : played.scenario().measures) {
      double value = measure.figure().applyAsDouble(judge);
      if (measure.kept()) {
        assertThat(measure.holds(value))
            .as("%s: %s, %s %s", measure.what(), value, measure.bound(), measure.limit())
            .isTrue();
      }
    }
  }

  @Test
  void theCheckedInReportIsTheSimulatedOne() {
    CheckedIn.assertEqual(
        Path.of("src/site/markdown/simulation.md"), SimulationReport.render(played));
  }
}
