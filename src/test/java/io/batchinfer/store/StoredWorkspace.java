package io.batchinfer.store;

import io.batchinfer.api.MistralCreate;
import io.batchinfer.api.NotedRequest;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Creation;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchJob.Input;
import io.batchinfer.model.BatchJob.Lifetime;
import io.batchinfer.model.BatchJob.Target;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A store in memory with files and jobs of workspace {@code team}, under virtual time. */
public final class StoredWorkspace {
  public static final String TEAM = "team";
  static final StoreLimits LIMITS = new StoreLimits(10, 1000);

  public final VirtualTime time = new VirtualTime();
  public final InMemoryFiles files = InMemoryFiles.filesystem();
  public final BatchStore store = new BatchStore(files, "mem:/store");
  public final List<String> log = new CopyOnWriteArrayList<>();
  int woken;
  public volatile boolean owned = true;

  public StoredWorkspace() {
    files.clock(() -> time.clock().millis());
  }

  /** A service's own view, as it is after a start. */
  public BatchRegistry registry() {
    BatchRegistry registry =
        new BatchRegistry(store, time.clock(), new ServiceMetrics(true), () -> owned, log::add);
    try {
      registry.load();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    return registry;
  }

  Inbox inbox(BatchRegistry registry) {
    StoreChanges changes =
        new StoreChanges(
            registry,
            new ChangeRules(LIMITS, (workspace, name) -> name.equals("known"), NotedRequest::read),
            () -> woken++);
    return new Inbox(store, changes, () -> true, log::add);
  }

  /** An upload as a command leaves it, or one that no record was made of. */
  public BatchFile file(int lines, boolean recorded, @Nullable Long expiresMillis) {
    return file(TEAM, content(lines), lines, recorded, expiresMillis);
  }

  /** An upload of a workspace. */
  public BatchFile file(String workspace, int lines) {
    return file(workspace, content(lines), lines, true, null);
  }

  /** An upload with that content. */
  public BatchFile file(String workspace, byte[] content) {
    return file(workspace, content, 1, true, null);
  }

  private static byte[] content(int lines) {
    return "{}\n".repeat(lines).getBytes(StandardCharsets.UTF_8);
  }

  private BatchFile file(
      String workspace, byte[] content, int lines, boolean recorded, @Nullable Long expires) {
    BatchFile file =
        new BatchFile(
            UUID.randomUUID().toString(),
            workspace,
            "in.jsonl",
            "batch",
            Role.REQUESTS,
            content.length,
            lines,
            time.clock().millis(),
            expires,
            null,
            null,
            null);
    files.put(store.content(workspace, file.id()), content);
    if (recorded) {
      store.write(file);
    }
    return file;
  }

  /** A stored job of the team. */
  BatchJob job(BatchFile input, BatchStatus status) {
    return job(TEAM, input, status);
  }

  /** A stored job. */
  public BatchJob job(String workspace, BatchFile input, BatchStatus status) {
    long now = time.clock().millis();
    BatchJob job = unstored(workspace, input, input.lines(), "hash", null);
    BatchJob stored =
        status == BatchStatus.QUEUED
            ? job
            : job.with(job.state().change().started(now).ended(status, now).made());
    store.write(stored);
    return stored;
  }

  /** What a job wrote, as a file of the workspace. */
  BatchFile results(BatchJob job) {
    String part = store.run(job.workspace(), job.id()).results() + "/part-00000.jsonl";
    files.put(part, content(1));
    BatchFile results =
        new BatchFile(
            UUID.randomUUID().toString(),
            job.workspace(),
            job.id() + "_output.jsonl",
            "batch_output",
            Role.RESULTS,
            content(1).length,
            1,
            time.clock().millis(),
            null,
            null,
            null,
            job.id());
    store.write(results);
    return results;
  }

  /** A job that somebody asks for. */
  public BatchJob unstored(
      String workspace,
      BatchFile input,
      long requests,
      String bodyHash,
      @Nullable String idempotencyKey) {
    return made(
        Dialect.MISTRAL,
        EndpointPaths.CHAT_COMPLETIONS,
        workspace,
        input,
        requests,
        bodyHash,
        idempotencyKey);
  }

  /** A job that came through OpenAI's API, for its validation. */
  public BatchJob openAi(BatchFile input, String endpoint) {
    return made(Dialect.OPENAI, endpoint, TEAM, input, input.lines(), "hash", null);
  }

  private BatchJob made(
      Dialect dialect,
      String endpoint,
      String workspace,
      BatchFile input,
      long requests,
      String bodyHash,
      @Nullable String idempotencyKey) {
    return new BatchJob(
        UUID.randomUUID().toString(),
        workspace,
        new BatchJob.Spec(
            new Creation(dialect, time.clock().millis(), "key", bodyHash, idempotencyKey),
            new Target(endpoint, dialect == Dialect.MISTRAL ? "m" : null, null, null),
            new Input(List.of(input.id()), false, requests),
            Map.of(),
            new Lifetime(24, null)),
        BatchJob.State.queued(requests));
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
