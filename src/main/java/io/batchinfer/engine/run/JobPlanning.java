package io.batchinfer.engine.run;

import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.OnInvalid;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.engine.lead.JobPrices;
import io.batchinfer.engine.lead.JobRecorder;
import io.batchinfer.engine.lead.RunConstraints;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which plan a run works by: the one that is saved, as long as the input still holds what it says,
 * or a new one, before which nothing of a former job is touched. For the run's own thread.
 */
final class JobPlanning {
  private static final int SHOWN_LINES = 20;

  /** Folder of a plan that is made to look at an input. */
  private static final String SCRATCH = "_plan_check";

  private final Cluster cluster;
  private final JobRequest request;
  private final RequestSource source;
  private final ResolvedOptions options;
  private final RunConstraints constraints;
  private final RunListener listener;
  private final JobFolder folder;
  private final RunInterrupt interrupt;

  JobPlanning(
      Cluster cluster,
      JobRequest request,
      RequestSource source,
      RunConstraints constraints,
      RunListener listener,
      JobFolder folder,
      RunInterrupt interrupt) {
    this.cluster = cluster;
    this.request = request;
    this.source = source;
    this.options = request.options();
    this.constraints = constraints;
    this.listener = listener;
    this.folder = folder;
    this.interrupt = interrupt;
  }

  private Planning planning(JobFolder where, String name) {
    RunSpec spec = new RunSpec(options, Hash128.ZERO, folder.root());
    return new Planning(cluster, spec, name, where, options.get(InputOutputOptions.SPLIT_BYTES));
  }

  /** Makes what is not kept with the plan, of the splits that are still to be sent. */
  void restage(Plan plan, Set<Integer> open) {
    planning(folder, JobFolder.PLAN).restage(plan, open);
  }

  private void withdraw(RequestSource.Lines lines) {
    folder.store().delete(folder.success());
    for (String part :
        List.of(
            folder.results(),
            folder.errors(),
            folder.commits().folder(),
            folder.course(),
            folder.report())) {
      folder.store().delete(part);
    }
    deleteAllBut(lines.folder(), folder.plan());
    folder.forgetJournal();
  }

  private void deleteAllBut(Optional<String> kept, String path) {
    if (kept.isEmpty() || !kept.get().startsWith(path + "/")) {
      if (kept.filter(path::equals).isEmpty()) {
        folder.store().delete(path);
      }
      return;
    }
    folder.store().list(path).forEach(entry -> deleteAllBut(kept, entry.path()));
  }

  /**
   * Whether the files hold something else than what was planned, so that a rerun replaces the job.
   *
   * @throws BatchException where they do and no rerun is asked for
   */
  boolean replaces(Optional<Plan> saved) {
    if (saved.isEmpty()) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The plan of the job in \"%s\" is gone from \"%s\". Restore it from a copy; or give --rerun, which replaces that job's results and pays again."
              .formatted(folder.root(), folder.plan()));
    }
    if (source.holds(saved.get(), files -> check(files).plan().content())) {
      return false;
    }
    if (options.get(RepeatOptions.RERUN)) {
      return true;
    }
    throw new BatchException(
        ErrorCode.OUTPUT_MISMATCH,
        "The output \"%s\" belongs to a job over other input: %s"
            .formatted(folder.root(), source.difference()));
  }

  /**
   * Plans after withdrawing what is there. An input that is refused touches nothing of a former job
   * and leaves no record of a job that never was.
   */
  Plan planAnew(Optional<JobRecord> existing, boolean anew, JobRecorder recorder) {
    SharedOutput.check(cluster, folder);
    RequestSource.Lines lines = source.lines();
    if (anew) {
      refuseInvalid(check(lines.files()));
    }
    recorder.write(JobStatus.PLANNING, "");
    withdraw(lines);
    boolean planned = false;
    try {
      lines.keep();
      Plan plan = plan(lines.files());
      planned = true;
      return plan;
    } finally {
      if (!planned && existing.isEmpty()) {
        interrupt.hearInterrupt();
        recorder.delete();
      }
    }
  }

  private Plan plan(List<FileStore.Entry> files) {
    Planning planner = planning(folder, JobFolder.PLAN);
    Planning.Result result = planner.plan(files);
    refuseInvalid(result);
    Plan plan = planner.withEqualRows(result.plan(), options.get(SavingOptions.DEDUPE));
    folder.writePlan(plan);
    return plan;
  }

  private void refuseInvalid(Planning.Result result) {
    if (result.invalid() > 0) {
      boolean nothing = result.invalid() == result.plan().rows() && !result.forms().isEmpty();
      if (nothing || options.get(InputOutputOptions.ON_INVALID) != OnInvalid.RECORD) {
        throw invalidLines(result, nothing);
      }
      result.forms().sentences().forEach(listener::notice);
    }
    refuseUnheldCap(result.plan());
  }

  /** A cap on money holds only where every model has a price. */
  void refuseUnheldCap(Plan plan) {
    boolean ofWorkspace =
        constraints.spending().map(share -> !Double.isInfinite(share.cap())).orElse(false);
    if (options.find(JobLimitOptions.MAX_COST).isPresent() || ofWorkspace) {
      JobPrices.of(request.prices(), options, plan)
          .refuseCap(ofWorkspace ? "The cost cap of the workspace" : "--max-cost");
    }
  }

  private static BatchException invalidLines(Planning.Result result, boolean nothing) {
    StringBuilder message = new StringBuilder();
    result.forms().sentences().forEach(form -> message.append(form).append('\n'));
    List<String> lines = result.forms().ofOtherFiles(result.shown());
    message.append(
        "The input has %s; nothing was sent."
            .formatted(Amount.of(result.invalid(), "invalid line")));
    lines.stream().limit(SHOWN_LINES).forEach(line -> message.append("\n  ").append(line));
    if (result.forms().isEmpty() && result.invalid() > SHOWN_LINES) {
      message.append("\n  and ").append(result.invalid() - SHOWN_LINES).append(" more");
    }
    if (!lines.isEmpty()) {
      message.append("\nMend them");
      message.append(
          nothing
              ? "; no line of the input can be sent as it is."
              : ", or give --on-invalid record to write them as errors and run the rest.");
    }
    return new BatchException(ErrorCode.INVALID_INPUT, message.toString());
  }

  /** What a plan of the files would be; none is left. */
  private Planning.Result check(List<FileStore.Entry> files) {
    JobFolder scratch = new JobFolder(folder.store(), request.root(), SCRATCH);
    try {
      return planning(scratch, SCRATCH).plan(files);
    } finally {
      folder.store().delete(scratch.plan());
    }
  }
}
