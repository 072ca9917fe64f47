package io.batchinfer.testing.provider;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A batch at the provider. It has no thread: it comes up to date whenever somebody looks. Not
 * thread-safe.
 */
final class ProviderBatch {
  private final ProviderStore store;
  private final String id;
  private final BatchOrder order;
  private final Map<BatchStatus, Long> since = new EnumMap<>(BatchStatus.class);
  private final ResultLines results;
  private BatchStatus status = BatchStatus.VALIDATING;
  private List<BatchRow> rows = List.of();
  private List<LineError> errors = List.of();
  private int done;
  private int expiresAfter = Integer.MAX_VALUE;
  private long namesFilesFrom;
  private @Nullable StoredFile output;
  private @Nullable StoredFile errorOutput;

  ProviderBatch(ProviderStore store, String id, BatchOrder order) {
    this.store = store;
    this.id = id;
    this.order = order;
    this.results = new ResultLines(store, id, order.endpoint());
    since.put(BatchStatus.VALIDATING, store.now());
  }

  /** Comes up to date. */
  void advance() {
    long now = store.now();
    ProviderSettings.Pace pace = store.settings().pace();
    if (status == BatchStatus.VALIDATING && now >= ended(pace.validating().toMillis())) {
      begin(ended(pace.validating().toMillis()));
    }
    if (status == BatchStatus.IN_PROGRESS) {
      run(now, pace.rowsPerSecond());
    }
    if (status == BatchStatus.FINALIZING && now >= ended(pace.finalizing().toMillis())) {
      end(BatchStatus.COMPLETED, ended(pace.finalizing().toMillis()));
    }
    if (status == BatchStatus.CANCELLING && now >= ended(pace.finalizing().toMillis())) {
      end(BatchStatus.CANCELLED, ended(pace.finalizing().toMillis()));
    }
  }

  private long ended(long millis) {
    return enteredAt(status) + millis;
  }

  private void enter(BatchStatus next, long at) {
    status = next;
    since.put(next, at);
  }

  private void begin(long at) {
    List<LineError> found = new ArrayList<>();
    LineChecks checks = new LineChecks(store.settings(), order.endpoint(), order.model());
    for (String input : order.inputFiles()) {
      StoredFile file = store.files().get(input);
      if (file == null || file.kind() != StoredFile.Kind.INPUT) {
        found.add(new LineError("invalid_request", 0, "file_id", "Cannot find file " + input));
      } else {
        checks.read(file.content());
      }
    }
    if (found.isEmpty()) {
      found.addAll(checks.errors());
    }
    if (!found.isEmpty()) {
      store.ledger().refused("batch " + id + " has bad lines: " + found.get(0));
    } else {
      store.refusePending(checks.rows()).ifPresent(found::add);
    }
    if (found.isEmpty() && store.faults().strikes(ProviderFault.BATCH_FAILS)) {
      found.add(new LineError("internal_error", 0, "", "The batch failed. Please try again."));
    }
    if (!found.isEmpty()) {
      errors = found;
      enter(BatchStatus.FAILED, at);
      return;
    }
    rows = checks.rows();
    if (store.faults().strikes(ProviderFault.BATCH_EXPIRES)) {
      expiresAfter = store.faults().pick(rows.size());
    }
    enter(BatchStatus.IN_PROGRESS, at);
    store.notePending();
  }

  private void run(long now, int rowsPerSecond) {
    long began = enteredAt(BatchStatus.IN_PROGRESS);
    long reached = Math.max(0, now - began) * rowsPerSecond / 1000;
    int until = (int) Math.min(reached, Math.min(rows.size(), expiresAfter));
    for (; done < until; done++) {
      results.run(rows.get(done));
    }
    if (done == rows.size()) {
      enter(BatchStatus.FINALIZING, began + done * 1000L / rowsPerSecond);
    } else if (done == expiresAfter) {
      end(BatchStatus.EXPIRED, began + done * 1000L / rowsPerSecond);
    }
  }

  private void end(BatchStatus how, long at) {
    if (store.settings().dialect() == ProviderDialect.OPENAI) {
      for (BatchRow row : rows.subList(done, rows.size())) {
        results.notRun(row, how);
      }
    }
    output = results.store(StoredFile.Kind.OUTPUT, at);
    errorOutput = results.store(StoredFile.Kind.ERRORS, at);
    boolean late = store.faults().strikes(ProviderFault.RESULTS_LATE);
    namesFilesFrom = late ? at + store.settings().pace().unready().toMillis() : at;
    enter(how, at);
  }

  /** Runs no more rows; a batch that is over cannot be. */
  void cancel() {
    if (!status.isOver() && status != BatchStatus.CANCELLING) {
      enter(BatchStatus.CANCELLING, store.now());
    }
  }

  String id() {
    return id;
  }

  BatchOrder order() {
    return order;
  }

  BatchStatus status() {
    return status;
  }

  long created() {
    return enteredAt(BatchStatus.VALIDATING);
  }

  boolean wasEver(BatchStatus some) {
    return since.containsKey(some);
  }

  /** When it came to a status that it was ever in, in epoch milliseconds. */
  long enteredAt(BatchStatus some) {
    Long at = since.get(some);
    if (at == null) {
      throw new IllegalStateException("was never " + some);
    }
    return at;
  }

  /** Empty until its lines have been checked. */
  List<BatchRow> rows() {
    return rows;
  }

  List<LineError> errors() {
    return errors;
  }

  int succeeded() {
    return results.succeeded();
  }

  int failed() {
    return done - results.succeeded();
  }

  @Nullable StoredFile output() {
    return store.now() < namesFilesFrom ? null : output;
  }

  @Nullable StoredFile errorOutput() {
    return store.now() < namesFilesFrom ? null : errorOutput;
  }
}
