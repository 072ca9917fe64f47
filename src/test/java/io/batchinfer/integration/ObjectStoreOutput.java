package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.S3Server;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A job's output on an S3 server, seen past Hadoop.
 *
 * @param folder with its bucket
 */
record ObjectStoreOutput(S3Server server, String folder) {
  private static final Pattern CUSTOM_ID = Pattern.compile("\"custom_id\":\"([^\"]*)\"");

  /** As a job is told. */
  String path() {
    return "s3a://" + folder;
  }

  static List<String> ids(String text) {
    return CUSTOM_ID.matcher(text).results().map(match -> match.group(1)).toList();
  }

  /** Every row once, in order, in the parts that are there. */
  void assertWhole(int rows) {
    assertThat(ids(server.text(folder + "/results/")))
        .as("rows lost or invented")
        .isEqualTo(Requests.ids(rows));
    assertThat(server.keys(folder + "/errors/")).isEmpty();
    assertThat(server.keys(folder + "/")).contains(folder + "/_SUCCESS");
  }

  /** The rows that are in the journal or in parts, once there are some in the journal. */
  Set<String> awaitKept(ForkedProcess driver) {
    Set<String> kept = new TreeSet<>();
    Eventually.await(
        "rows are in the journal",
        LONG_ENOUGH,
        () -> {
          kept.addAll(ids(server.text(folder + "/_journal/segments/")));
          return !kept.isEmpty() || !driver.isAlive();
        },
        driver::stderr);
    kept.addAll(ids(server.text(folder + "/results/")));
    return kept;
  }
}
