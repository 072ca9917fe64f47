package io.batchinfer.job;

import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.wire.MistralCreate;
import io.batchinfer.wire.StoreLimits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A store in memory with files and jobs of workspace {@code team}, under virtual time. */
final class StoredWorkspace {
  static final String TEAM = "team";
  static final StoreLimits LIMITS = new StoreLimits(10, 1000);

  final VirtualTime time = new VirtualTime();
  final InMemoryFiles files = InMemoryFiles.filesystem();
  final BatchStore store = new BatchStore(files, "mem:/store");
  final List<String> log = new ArrayList<>();
  int woken;

  StoredWorkspace() {
    files.clock(() -> time.clock().millis());
  }

  /** A service's own view, as it is after a start. */
  BatchRegistry registry() {
    BatchRegistry registry = new BatchRegistry(store, time.clock(), new ServiceMetrics());
    try {
      registry.load();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return registry;
  }

  Inbox inbox(BatchRegistry registry) {
    StoreChanges changes = new StoreChanges(registry, "known"::equals, LIMITS, () -> woken++);
    return new Inbox(store, changes, () -> true, log::add);
  }

  /** An upload as a command leaves it, or one that no record was made of. */
  BatchFile file(int lines, boolean recorded, @Nullable Long expiresMillis) {
    byte[] content = "{}\n".repeat(lines).getBytes(StandardCharsets.UTF_8);
    BatchFile file =
        new BatchFile(
            UUID.randomUUID().toString(),
            TEAM,
            "in.jsonl",
            "batch",
            Role.REQUESTS,
            content.length,
            lines,
            time.clock().millis(),
            expiresMillis,
            null,
            null,
            null);
    files.put(store.content(TEAM, file.id()), content);
    if (recorded) {
      store.write(file);
    }
    return file;
  }

  /** A stored job. */
  BatchJob job(BatchFile input, BatchStatus status) {
    long now = time.clock().millis();
    BatchJob job =
        new BatchJob(
            UUID.randomUUID().toString(),
            TEAM,
            new BatchJob.Spec(
                BatchJob.Dialect.MISTRAL,
                EndpointPaths.CHAT_COMPLETIONS,
                List.of(input.id()),
                false,
                "m",
                null,
                null,
                Map.of(),
                24,
                null,
                now,
                "key",
                input.lines(),
                "hash",
                null),
            BatchJob.State.queued(input.lines()));
    BatchJob stored =
        status == BatchStatus.QUEUED
            ? job
            : job.with(job.state().change().started(now).ended(status, now).made());
    store.write(stored);
    return stored;
  }

  static String request(String inputId, @Nullable String deployment) {
    return new String(
        MistralCreate.write(
            EndpointPaths.CHAT_COMPLETIONS,
            "m",
            List.of(inputId),
            Map.of("k", "v"),
            null,
            deployment),
        StandardCharsets.UTF_8);
  }
}
