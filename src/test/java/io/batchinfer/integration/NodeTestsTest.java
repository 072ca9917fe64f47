package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NodeTestsTest {
  private static final List<String> REPORT =
      """
      TAP version 13
      # Subtest: 1.1 routes
          # Subtest: 1.1 GET /v1/files: a list
          ok 1 - 1.1 GET /v1/files: a list
            ---
            type: 'test'
            ...
          # Subtest: 1.1 DELETE: gone
          not ok 2 - 1.1 DELETE: gone
            ---
            failureType: 'testCodeFailure'
            error: 'expected 404'
            ...
          ok 3 - 1.1 later # SKIP
          1..3
      not ok 1 - 1.1 routes
        ---
        type: 'suite'
        failureType: 'subtestsFailed'
        ...
      not ok 2 - contract/broken.test.mjs
        ---
        exitCode: 1
        ...
      1..2
      """
          .lines()
          .toList();

  @Test
  void aFailureIsTheTestThatFailedItselfAndWhatItReported() {
    assertThat(NodeTests.failures(REPORT))
        .satisfiesExactly(
            gone -> assertThat(gone).startsWith("1.1 DELETE: gone\n").contains("'expected 404'"),
            broken -> assertThat(broken).startsWith("contract/broken.test.mjs\n").contains("1"));
  }

  @Test
  void whatWasSkippedHasNotPassed() {
    assertThat(NodeTests.passes(REPORT)).isOne();
  }
}
