package io.batchinfer.store;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchJob;
import io.batchinfer.model.BatchJob.Dialect;
import io.batchinfer.model.BatchStatus;
import io.batchinfer.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Carries out what commands ask for, within the limits that hold for everybody. Thread-safe. */
public final class StoreChanges {
  /** Who created the jobs of commands, in place of a key's id. */
  private static final String CREATOR = "command";

  private final BatchRegistry registry;
  private final JobAdmission admission;
  private final ChangeRules rules;
  private final Runnable changed;

  /**
   * @param changed is run when a job has something to do
   */
  public StoreChanges(BatchRegistry registry, ChangeRules rules, Runnable changed) {
    this.registry = registry;
    this.admission =
        new JobAdmission(registry, rules.deployments(), rules.limits().pendingRequests());
    this.rules = rules;
    this.changed = changed;
  }

  /**
   * Carries a note out, or finds that this was done before.
   *
   * @param begun whether it was begun before and may be done
   * @param begin notes that it is about to be done
   * @return ids of a {@link Note.Kind#PRUNE} that stay
   * @throws BatchException where it cannot be done, or the reader finds a mistake
   * @throws RefusedRequest where it names what is not there
   */
  List<String> apply(Note note, boolean begun, Runnable begin) {
    check(note);
    String id = note.kind() == Note.Kind.PRUNE ? "" : note.ids().get(0);
    switch (note.kind()) {
      case CREATE -> create(note, id);
      case FILE -> takeIn(note.workspace(), id);
      case CANCEL -> cancel(note.workspace(), id, begun, begin);
      case DELETE -> delete(note.workspace(), id, begun, begin);
      case PRUNE -> {
        return prune(note);
      }
    }
    return List.of();
  }

  /** Notes are texts of others, and paths are made of what they name. */
  private static void check(Note note) {
    boolean sound =
        Workspace.isName(note.workspace())
            && (note.kind() == Note.Kind.PRUNE || note.ids().size() == 1)
            && note.ids().stream().allMatch(BatchIds::isJob)
            && (note.kind() == Note.Kind.CREATE) == (note.request() != null);
    if (!sound) {
      throw new BatchException(
          ErrorCode.NOT_FOUND, "The request names no id or workspace that there can be.");
    }
  }

  private void create(Note note, String id) {
    byte[] body = String.valueOf(note.request()).getBytes(StandardCharsets.UTF_8);
    admission.admit(
        id,
        rules.reader().apply(body),
        new JobAdmission.Origin(
            note.workspace(), Dialect.MISTRAL, CREATOR, id, null, new Repetition(false, 0)));
    changed.run();
  }

  private void takeIn(String workspace, String id) {
    registry.refresh(workspace, id);
    BatchFile file =
        registry
            .anyFile(workspace, id)
            .orElseThrow(
                () ->
                    new BatchException(
                        ErrorCode.NOT_FOUND, "File '%s' is not in the store.".formatted(id)));
    if (file.bytes() > rules.limits().uploadBytes()) {
      registry.delete(file);
      throw tooLarge(file.filename(), rules.limits());
    }
  }

  /** The refusal of a file that is larger than the service takes. */
  public static BatchException tooLarge(String name, StoreLimits limits) {
    return new BatchException(
        ErrorCode.INVALID_INPUT,
        "\"%s\" is larger than %,d bytes, the most that the service takes (--max-upload-bytes); cut it into several."
            .formatted(name, limits.uploadBytes()));
  }

  private static BatchException noJob(String id) {
    return new BatchException(ErrorCode.NOT_FOUND, "There is no job '%s'.".formatted(id));
  }

  private void cancel(String workspace, String id, boolean begun, Runnable begin) {
    BatchStatus status = registry.job(workspace, id).orElseThrow(() -> noJob(id)).state().status();
    if (status.isTerminal()) {
      if (status != BatchStatus.CANCELLED && !begun) {
        throw new BatchException(
            ErrorCode.CONFLICT,
            "Job '%s' is over (%s); there is nothing to cancel.".formatted(id, status));
      }
      return;
    }
    begin.run();
    registry.cancel(workspace, id);
    changed.run();
  }

  private void delete(String workspace, String id, boolean begun, Runnable begin) {
    Optional<BatchJob> job = registry.job(workspace, id);
    if (job.isEmpty()) {
      if (!begun) {
        throw noJob(id);
      }
      registry.deleteRemains(workspace, id);
      return;
    }
    if (job.get().state().status().isTerminal()) {
      begin.run();
    }
    registry.delete(job.get());
  }

  private List<String> prune(Note note) {
    List<String> kept = new ArrayList<>();
    for (String id : note.ids()) {
      try {
        Optional<BatchJob> job = registry.job(note.workspace(), id);
        Optional<BatchFile> file = registry.anyFile(note.workspace(), id);
        job.ifPresent(registry::delete);
        file.ifPresent(registry::delete);
        if (job.isEmpty() && file.isEmpty()) {
          // Its deletion may have broken off behind its record.
          registry.deleteRemains(note.workspace(), id);
          registry.store().deleteFile(note.workspace(), id);
        }
      } catch (BatchException e) {
        if (e.code() != ErrorCode.CONFLICT) {
          throw e;
        }
        kept.add(id);
      }
    }
    return kept;
  }
}
