package io.batchinfer.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows that kill the endpoint, among rows that are as good as any, in virtual time. */
class OutageTest {
  private static final int ROWS = 400;
  private static final int KILLERS = 5;

  private static BitSet killers(long seed) {
    Random random = new Random(seed);
    BitSet chosen = new BitSet();
    while (chosen.cardinality() < KILLERS) {
      chosen.set(random.nextInt(ROWS));
    }
    return chosen;
  }

  @ParameterizedTest
  @CsvSource({
    "1,8,1,false,1", "2,8,1,false,1", "3,8,1,false,1", "4,8,3,false,1", "5,8,3,false,1",
    "6,1,1,false,1", "7,2,1,false,1", "8,0,1,false,1", "9,0,3,false,1", "10,64,4,false,1",
    "11,8,1,true,1", "12,8,3,true,1", "13,0,1,true,1", "14,64,4,true,1", "15,1,1,true,1",
    "16,8,1,false,2", "17,8,3,false,2", "18,0,1,false,2", "19,8,1,true,2", "20,16,2,false,3"
  })
  void aRowThatKillsTheEndpointEndsAloneAndTakesNobodyAlong(
      long seed, int slots, int executors, boolean gateway, int replicas) {
    System.out.println("seed " + seed);
    BitSet killers = killers(seed);
    Scenario scenario =
        new Scenario("killers", "", 3_600)
            .workload(Workload.rows(ROWS))
            .executors(executors)
            .concurrency(slots);
    scenario.seed = seed;
    for (int i = 0; i < replicas; i++) {
      EndpointSpec endpoint =
          EndpointSpec.slots(64, ServiceTime.uniform(0.1, 0.5)).killedBy(killers::get, 2);
      scenario.endpoint(gateway ? endpoint.behindGateway() : endpoint);
    }

    Judge judge = SimulatedRun.play(scenario);

    System.out.println(
        "kills "
            + judge.kills()
            + ", failed "
            + judge.failed()
            + ", blamed "
            + judge.blamed()
            + ", silent from "
            + judge.silentFrom()
            + ", stop "
            + judge.stopReason());
    assertThat(judge.stopReason()).isEmpty();
    assertThat(judge.rows()).isEqualTo(ROWS);
    assertThat(judge.lost()).isZero();
    assertThat(judge.settledTwice()).isZero();
    assertThat(judge.workedOnTooOften()).isZero();
    assertThat(judge.failed()).isEqualTo(KILLERS);
    assertThat(judge.blamed()).isEqualTo(KILLERS);
    assertThat(judge.kills()).isLessThanOrEqualTo(3 * KILLERS);
  }
}
