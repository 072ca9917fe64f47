package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The two result files of one batch while its rows are run. Not thread-safe. */
final class ResultLines {
  private final ProviderStore store;
  private final String batch;
  private final String endpoint;
  private final List<String> output = new ArrayList<>();
  private final List<String> errors = new ArrayList<>();
  private int succeeded;
  private int number;

  ResultLines(ProviderStore store, String batch, String endpoint) {
    this.store = store;
    this.batch = batch;
    this.endpoint = endpoint;
  }

  /** Runs a row, and pays for it where it is answered. */
  void run(BatchRow row) {
    FaultPlan faults = store.faults();
    if (row.refused()) {
      errors.add(answered(row, 400, RowAnswers.refusal()));
    } else if (faults.strikes(ProviderFault.ROW_FAILS)) {
      errors.add(answered(row, 500, trouble("server_error", "The server had an error.")));
    } else if (faults.strikes(ProviderFault.ROW_THROTTLED)) {
      errors.add(answered(row, 429, trouble("rate_limit_exceeded", "Rate limit reached.")));
    } else if (faults.strikes(ProviderFault.ROW_WITHOUT_STATUS)) {
      errors.add(answered(row, 0, Json.object()));
    } else if (faults.strikes(ProviderFault.ROW_TIMES_OUT)) {
      errors.add(unanswered(row, "request_timeout", "This request timed out."));
    } else {
      succeed(row);
    }
  }

  private void succeed(BatchRow row) {
    succeeded++;
    store.ledger().ran(row.hash());
    if (store.faults().strikes(ProviderFault.ROW_MISSING)) {
      store.ledger().withheld(row.hash());
      return;
    }
    String line = answered(row, 200, RowAnswers.answer(endpoint, row.hash(), row.promptTokens()));
    if (store.faults().strikes(ProviderFault.ROW_TWICE)) {
      String other = new StringBuilder(row.hash()).reverse().toString();
      line += answered(row, 200, RowAnswers.answer(endpoint, other, row.promptTokens()));
    }
    output.add(line);
  }

  /** A row that its batch did not come to. */
  void notRun(BatchRow row, BatchStatus how) {
    errors.add(
        how == BatchStatus.EXPIRED
            ? unanswered(row, "batch_expired", "The completion window expired.")
            : unanswered(row, "batch_cancelled", "This batch was cancelled."));
  }

  private ObjectNode line(BatchRow row) {
    String form = store.settings().dialect() == ProviderDialect.OPENAI ? "batch_req_" : "batch-";
    return Json.object().put("id", form + batch + "-" + number++).put("custom_id", row.customId());
  }

  private String answered(BatchRow row, int status, ObjectNode body) {
    ObjectNode line = line(row);
    ObjectNode response = line.putObject("response").put("status_code", status);
    if (store.settings().dialect() == ProviderDialect.OPENAI) {
      response.put("request_id", status == 0 ? "" : "req_" + row.hash());
    }
    response.set("body", body);
    return line.putNull("error") + "\n";
  }

  private String unanswered(BatchRow row, String code, String message) {
    ObjectNode line = line(row).putNull("response");
    line.putObject("error").put("code", code).put("message", message);
    return line + "\n";
  }

  private static ObjectNode trouble(String code, String message) {
    ObjectNode body = Json.object();
    body.putObject("error").put("message", message).put("type", code).put("code", code);
    return body;
  }

  int succeeded() {
    return succeeded;
  }

  /** Keeps a file with its lines in no order; null when it has none. */
  @Nullable StoredFile store(StoredFile.Kind kind, long at) {
    List<String> lines = kind == StoredFile.Kind.OUTPUT ? output : errors;
    if (lines.isEmpty()) {
      return null;
    }
    Collections.shuffle(lines, new Random(lines.size()));
    byte[] content = String.join("", lines).getBytes(StandardCharsets.UTF_8);
    return store.addResult(batch + "_" + kind, kind, content, at);
  }
}
