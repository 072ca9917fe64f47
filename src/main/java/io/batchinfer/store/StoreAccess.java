package io.batchinfer.store;

import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.OwnerPulse;
import io.batchinfer.storage.Ownership;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A workspace of a store, for one command: reads it as it lies there, and has changes made by the
 * store's owner.
 */
public final class StoreAccess {
  private static final int BUFFER = 1 << 16;

  private final BatchStore store;
  private final String workspace;
  private final Function<Optional<StoreLimits>, ChangeRules> rules;
  private final Consumer<String> tell;
  private final Clock clock = Clock.systemUTC();
  private boolean alone;

  /**
   * @param rules what holds for changes, by the limits of the last service that had the store,
   *     empty where there was none
   * @param tell says a line to people
   */
  public StoreAccess(
      BatchStore store,
      String workspace,
      Function<Optional<StoreLimits>, ChangeRules> rules,
      Consumer<String> tell) {
    this.store = store;
    this.workspace = workspace;
    this.rules = rules;
    this.tell = tell;
  }

  public BatchStore store() {
    return store;
  }

  public String workspace() {
    return workspace;
  }

  /** The time by the wall clock. */
  public long nowMillis() {
    return clock.millis();
  }

  /** Whether no service was there to make the last change. */
  public boolean wasAlone() {
    return alone;
  }

  /** Says something to people. */
  public void tell(String line) {
    tell.accept(line);
  }

  /** The workspace as it is stored. */
  public BatchRegistry registry() {
    BatchRegistry registry = registry(() -> false);
    try {
      registry.load(List.of(workspace));
    } catch (InterruptedException e) {
      throw interrupted();
    }
    return registry;
  }

  private BatchRegistry registry(BooleanSupplier owned) {
    return new BatchRegistry(store, clock, new ServiceMetrics(false), owned, this::tell);
  }

  private static BatchException interrupted() {
    Thread.currentThread().interrupt();
    return new BatchException(ErrorCode.INTERRUPTED, "Interrupted.");
  }

  /**
   * A job, with how far it is by now.
   *
   * @throws BatchException {@link ErrorCode#NOT_FOUND} where there is none
   */
  public BatchJob job(String id) {
    return Optional.of(id)
        .filter(BatchIds::isJob)
        .flatMap(sound -> store.readJob(workspace, sound))
        .map(this::live)
        .orElseThrow(
            () ->
                new BatchException(
                    ErrorCode.NOT_FOUND,
                    "Workspace \"%s\" has no job \"%s\"; \"batchinfer jobs list\" lists all jobs."
                        .formatted(workspace, Texts.shown(id))));
  }

  /** The job with the progress that its run has written down. */
  public BatchJob live(BatchJob job) {
    if (job.state().status().isTerminal() || job.state().times().startedMillis() == null) {
      return job;
    }
    Optional<JobRecord> record = store.run(workspace, job.id()).readRecord();
    return record
        .map(
            run ->
                job.with(
                    job.state()
                        .change()
                        .total(run.totalRequests())
                        .counts(run.counts())
                        .cost(run.cost().orElse(null), run.currency())
                        .made()))
        .orElse(job);
  }

  /** Stores a file and has it taken in. */
  public BatchFile upload(String path, String purpose) {
    FileStore files = store.files();
    FileStore.Entry source =
        files
            .find(files.qualify(path))
            .orElseThrow(
                () ->
                    new BatchException(
                        ErrorCode.INVALID_INPUT,
                        "There is no file \"%s\"; name a JSONL file, or the id of an upload."
                            .formatted(path)));
    if (source.folder()) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT,
          "\"%s\" is a folder; name its files one by one.".formatted(path));
    }
    StoreLimits limits = rules().limits();
    if (source.bytes() > limits.uploadBytes()) {
      throw StoreChanges.tooLarge(path, limits);
    }
    BatchFile file = stored(source, path, purpose);
    send(Note.Kind.FILE, List.of(file.id()), null);
    return file;
  }

  private BatchFile stored(FileStore.Entry source, String path, String purpose) {
    IncomingFile incoming = new IncomingFile(store, workspace);
    boolean complete = false;
    try {
      try (InputStream in = store.files().open(source.path(), 0)) {
        byte[] buffer = new byte[BUFFER];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
          incoming.write(buffer, 0, read);
        }
        BatchFile file =
            incoming.complete(
                Texts.shown(source.name()), purpose, nowMillis(), Optional.empty(), null);
        store.write(file);
        complete = true;
        return file;
      } finally {
        if (!complete) {
          incoming.abandon();
        }
      }
    } catch (RefusedRequest e) {
      throw new BatchException(
          ErrorCode.INVALID_INPUT,
          "\"%s\" is not a JSONL file: its first line is not a JSON object. Give requests one per line, not compressed."
              .formatted(path),
          e);
    } catch (IOException e) {
      throw new StorageException("Cannot copy \"" + path + "\" into the store", e);
    }
  }

  /** Has a change made and waits for it. */
  public Note.Answer send(Note.Kind kind, List<String> ids, @Nullable String request) {
    alone = false;
    try (SystemTime time = new SystemTime("batchinfer-wait")) {
      Elapsed elapsed = new Elapsed(time, clock);
      return new Outbox(store, clock, elapsed, time, () -> carryOut(time, elapsed))
          .send(new Note(kind, workspace, ids, request));
    } catch (InterruptedException e) {
      throw interrupted();
    }
  }

  private void carryOut(SystemTime time, Elapsed elapsed) throws InterruptedException {
    try (Ownership ownership =
            Ownership.claim(
                store.files(),
                store.owner(),
                Claimant.thisProcess(true),
                OwnershipTiming.DEFAULT,
                elapsed,
                time,
                false);
        OwnerPulse pulse = new OwnerPulse(ownership, time, this::tell)) {
      BatchRegistry registry = registry(ownership::isValid);
      registry.load();
      StoreChanges changes = new StoreChanges(registry, rules(), () -> {});
      new Inbox(store, changes, ownership::isValid, this::tell).look();
      alone = true;
    }
  }

  private ChangeRules rules() {
    return rules.apply(store.limits());
  }
}
