package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.util.LinkedHashMap;
import java.util.Map;
import org.assertj.core.api.AbstractStringAssert;

/** What {@link TableProgram} has to see, on every Spark and on both sides of Spark Connect. */
final class TableProgramOutcome {
  /** Requests of its jobs: chats, failed rows again, typed answers, vectors, SQL, refusals. */
  private static final long REQUESTS =
      TableProgram.ROWS
          + TableProgram.ROWS / TableProgram.REFUSED
          + 8
          + TableProgram.ROWS
          + 4 * 10
          + TableProgram.ROWS;

  private TableProgramOutcome() {}

  /** Compares what the program printed, and what it sent, with what is right. */
  static void check(Finished finished, String sparkVersion, SimulatedEndpoint endpoint) {
    assertThat(finished.exitCode()).as("%s", finished).isZero();
    Map<String, String> seen = new LinkedHashMap<>();
    finished
        .stdout()
        .lines()
        .filter(line -> line.contains(" = "))
        .forEach(line -> seen.put(line.split(" = ", 2)[0], line.split(" = ", 2)[1]));

    assertThat(seen)
        .as("%s", finished)
        .contains(
            entry("spark", sparkVersion),
            entry(
                "columns",
                "id BIGINT,day DATE,amount DECIMAL(16,6),at TIMESTAMP,status STRING,answer STRING,"
                    + "embedding ARRAY<FLOAT>,finish_reason STRING,"
                    + "usage STRUCT<prompt_tokens: BIGINT, completion_tokens: BIGINT,"
                    + " cached_tokens: BIGINT, reasoning_tokens: BIGINT>,"
                    + "cost DOUBLE,attempts INT,may_have_run INT,"
                    + "error STRUCT<code: STRING, message: STRING>,response STRING"),
            entry("succeeded", "57"),
            entry("failed", "3"),
            entry("by status", "[[failed,3], [succeeded,57]]"),
            entry("error", "[[invalid_request_error]]"),
            entry(
                "pruned", "[[2026-01-01,0.000000], [2026-01-21,5.000000], [2026-02-10,10.000000]]"),
            entry("joined", "60"),
            entry("usage", "[[true,60]]"),
            entry("after the same call", "57"),
            entry("after retry_failed", "60"),
            entry("parquet", "0"),
            entry(
                "parsed",
                "label STRING,score BIGINT,price DOUBLE,sure BOOLEAN,tags ARRAY<STRING>,"
                    + "place STRUCT<city: STRING, zip: BIGINT>"),
            entry("parsed rows", "7"),
            entry("as the text", "7"),
            entry("vectors", "[[60,true]]"),
            entry("numbers", "60"),
            entry("ansi true, adaptive true", "[[10,45,10]]"),
            entry("ansi true, adaptive false", "[[10,45,10]]"),
            entry("ansi false, adaptive true", "[[10,45,10]]"),
            entry("ansi false, adaptive false", "[[10,45,10]]"),
            entry("view", "[[49,49]]"));
    refused(seen, "misspelt").contains("Option --promt is unknown. Did you mean \"--prompt\"?");
    refused(seen, "secret").contains("variable BATCHINFER_HEADER").doesNotContain("abc123");
    refused(seen, "no job").contains("There is no folder");
    refused(seen, "changed").contains("the table has changed", "1 is gone", "--resume-staged");
    refused(seen, "all refused").contains("60 requests: 0 succeeded, 60 failed, 0 open");
    refused(seen, "no column").contains("The table has no column \"text\"", "--prompt");
    assertThat(endpoint.statistics().received()).isEqualTo(REQUESTS);
  }

  private static AbstractStringAssert<?> refused(Map<String, String> seen, String step) {
    return assertThat(seen.get(step)).as(step).startsWith("refused: ").doesNotContain("\tat ");
  }
}
