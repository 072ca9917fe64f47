package io.batchinfer.testing.provider;

import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Files and batches of a provider, in memory. Not thread-safe. */
final class ProviderStore {
  private final ProviderSettings settings;
  private final FaultPlan faults;
  private final ProviderLedger ledger;
  private final InstantSource clock;
  private final Map<String, StoredFile> files = new LinkedHashMap<>();
  private final Map<String, ProviderBatch> batches = new LinkedHashMap<>();

  ProviderStore(
      ProviderSettings settings, FaultPlan faults, ProviderLedger ledger, InstantSource clock) {
    this.settings = settings;
    this.faults = faults;
    this.ledger = ledger;
    this.clock = clock;
  }

  ProviderSettings settings() {
    return settings;
  }

  FaultPlan faults() {
    return faults;
  }

  ProviderLedger ledger() {
    return ledger;
  }

  long now() {
    return clock.millis();
  }

  Map<String, StoredFile> files() {
    return files;
  }

  /** A new id of a dialect's form. */
  private String newId(String prefix) {
    UUID id = new UUID(faults.pick(Integer.MAX_VALUE), files.size() * 100_000L + batches.size());
    return settings.dialect() == ProviderDialect.OPENAI
        ? prefix + id.toString().replace("-", "")
        : id.toString();
  }

  StoredFile addInput(String name, byte[] content) {
    StoredFile file =
        new StoredFile(newId("file-"), name, StoredFile.Kind.INPUT, content, now(), 0, 0);
    files.put(file.id(), file);
    ledger.uploaded();
    return file;
  }

  StoredFile addResult(String name, StoredFile.Kind kind, byte[] content, long at) {
    int until = 0;
    if (faults.strikes(ProviderFault.FILE_NOT_FOUND_YET)) {
      until = 404;
    } else if (faults.strikes(ProviderFault.FILE_IN_CONFLICT_YET)) {
      until = 409;
    } else if (faults.strikes(ProviderFault.FILE_IN_PROCESS_YET)) {
      until = 400;
    }
    long readable = until == 0 ? at : at + settings.pace().unready().toMillis();
    StoredFile file =
        new StoredFile(newId("file-"), name + ".jsonl", kind, content, at, readable, until);
    files.put(file.id(), file);
    return file;
  }

  StoredFile file(String id) {
    StoredFile file = files.get(id);
    if (file == null) {
      throw new ProviderRefusal(404, "not_found", "id", "No such File object: " + id);
    }
    return file;
  }

  void deleteFile(StoredFile file) {
    for (ProviderBatch batch : batches.values()) {
      if (!batch.status().isOver() && batch.order().inputFiles().contains(file.id())) {
        ledger.refused("deleted " + file.name() + " while its batch was " + batch.status());
      }
    }
    files.remove(file.id());
  }

  ProviderBatch create(BatchOrder order) {
    ProviderBatch batch = new ProviderBatch(this, newId("batch_"), order);
    batches.put(batch.id(), batch);
    ledger.created(order.metadata().getOrDefault(ProviderLedger.CLIENTS_ID, ""));
    return batch;
  }

  ProviderBatch batch(String id) {
    ProviderBatch batch = batches.get(id);
    if (batch == null) {
      throw new ProviderRefusal(404, "not_found", "id", "No batch found with id '" + id + "'.");
    }
    return batch;
  }

  /** All batches come up to date. */
  void advance() {
    List.copyOf(batches.values()).forEach(ProviderBatch::advance);
  }

  /** Batches old enough to be in a list, oldest first. */
  List<ProviderBatch> listedBatches() {
    long youngest = now() - settings.pace().listLag().toMillis();
    return batches.values().stream().filter(batch -> batch.created() <= youngest).toList();
  }

  /** All batches, oldest first. */
  List<ProviderBatch> batches() {
    return new ArrayList<>(batches.values());
  }

  /** Files old enough to be in a list, oldest first. */
  List<StoredFile> listedFiles() {
    long youngest = now() - settings.pace().listLag().toMillis();
    return files.values().stream().filter(file -> file.created() <= youngest).toList();
  }

  private long pendingRequests() {
    return batches.values().stream()
        .filter(batch -> !batch.status().isOver())
        .mapToLong(batch -> batch.rows().size())
        .sum();
  }

  private static long tokens(List<BatchRow> rows) {
    return rows.stream().mapToLong(BatchRow::promptTokens).sum();
  }

  private long pendingTokens() {
    return batches.values().stream()
        .filter(batch -> !batch.status().isOver())
        .mapToLong(batch -> tokens(batch.rows()))
        .sum();
  }

  /** Says why rows cannot be pending too. */
  Optional<LineError> refusePending(List<BatchRow> more) {
    ProviderSettings.Limits limits = settings.limits();
    if (pendingTokens() + tokens(more) > limits.pendingTokens()) {
      return Optional.of(
          new LineError(
              "token_limit_exceeded",
              0,
              "",
              "Enqueued token limit reached. Limit: %d enqueued tokens. Please try again once some in_progress batches have been completed."
                  .formatted(limits.pendingTokens())));
    }
    if (pendingRequests() + more.size() > limits.pendingRequests()) {
      return Optional.of(
          new LineError(
              "request_limit_exceeded",
              0,
              "",
              "Enqueued request limit reached. Limit: %d enqueued requests."
                  .formatted(limits.pendingRequests())));
    }
    return Optional.empty();
  }

  /** Refuses a batch at once whose rows cannot be pending too. */
  void refuseCreation(List<String> inputFiles) {
    long lines =
        batches.values().stream()
            .filter(batch -> !batch.status().isOver())
            .mapToLong(batch -> lines(batch.order().inputFiles()))
            .sum();
    if (lines + lines(inputFiles) > settings.limits().pendingRequests()) {
      throw new ProviderRefusal(
          429, "1300", "", "Too many pending requests in this workspace; wait for jobs to end.");
    }
  }

  private long lines(List<String> inputFiles) {
    long lines = 0;
    for (String id : inputFiles) {
      StoredFile file = files.get(id);
      if (file != null) {
        lines += new String(file.content(), StandardCharsets.UTF_8).lines().count();
      }
    }
    return lines;
  }

  void notePending() {
    ledger.pending(pendingRequests(), pendingTokens());
  }
}
