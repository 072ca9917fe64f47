package io.batchinfer.engine.proof;

import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.journal.PartProof;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.model.RowKey;
import io.batchinfer.model.Split;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.LocalTasks;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Proves from what is written that a finished job has every row once, without a cluster. */
public final class OutputProof {
  private final JobFolder folder;
  private final JobRecord job;
  private final Plan plan;
  private final RowKey keys;

  public OutputProof(JobFolder folder, JobRecord job, Plan plan) {
    this.folder = folder;
    this.job = job;
    this.plan = plan;
    this.keys = new RowKey(JobRequest.jobHash(job.identity()));
  }

  /**
   * What was found.
   *
   * @param results rows read from {@code results/}
   * @param errors rows read from {@code errors/}
   * @param problems what is wrong, empty where the proof holds
   */
  public record Finding(int splits, long results, long errors, List<String> problems) {
    public Finding {
      problems = List.copyOf(problems);
    }

    public long rows() {
      return results + errors;
    }

    public boolean holds() {
      return problems.isEmpty();
    }
  }

  /** Reads all parts back. */
  public Finding examine(int threads) {
    List<SplitFinding> findings = new LocalTasks(threads).map(plan.splits(), this::examine);
    List<String> problems = new ArrayList<>();
    long results = 0;
    long errors = 0;
    for (SplitFinding finding : findings) {
      finding.problem().ifPresent(problems::add);
      results += finding.results();
      errors += finding.errors();
    }
    problems.addAll(foreignParts());
    if (problems.isEmpty()) {
      problems.addAll(contradictions(results, errors));
    }
    return new Finding(findings.size(), results, errors, problems);
  }

  private record SplitFinding(Optional<String> problem, long results, long errors) {}

  private SplitFinding examine(Split split) {
    int splits = plan.splits().size();
    PartProof proof = new PartProof(folder.store(), keys);
    Optional<String> problem =
        proof.disprove(
            split,
            folder.resultPart(split.index(), splits),
            folder.errorPart(split.index(), splits));
    return new SplitFinding(problem, proof.resultRows(), proof.errorRows());
  }

  /** Files that a reader of the folders would take for parts. */
  private List<String> foreignParts() {
    Set<String> known = new HashSet<>();
    for (Split split : plan.splits()) {
      known.add(folder.resultPart(split.index(), plan.splits().size()));
      known.add(folder.errorPart(split.index(), plan.splits().size()));
    }
    List<String> problems = new ArrayList<>();
    for (String parts : List.of(folder.results(), folder.errors())) {
      for (FileStore.Entry entry : folder.store().list(parts)) {
        boolean visible = !entry.name().startsWith("_") && !entry.name().startsWith(".");
        if (visible && !known.contains(parts + "/" + entry.name())) {
          problems.add("\"%s\" belongs to no split of the job".formatted(entry.path()));
        }
      }
    }
    return problems;
  }

  /** Where {@code job.json} or the mark of success say something else than the parts. */
  private List<String> contradictions(long results, long errors) {
    List<String> problems = new ArrayList<>();
    if (job.counts().succeeded() != results || job.counts().failed() != errors) {
      problems.add(
          "job.json says %d succeeded and %d failed, but the parts hold %d results and %d errors"
              .formatted(job.counts().succeeded(), job.counts().failed(), results, errors));
    }
    boolean marked = folder.store().find(folder.success()).isPresent();
    if (marked != (job.status() == JobStatus.COMPLETED)) {
      problems.add(
          "the job is %s, but \"%s\" is %s"
              .formatted(job.status().word(), folder.success(), marked ? "there" : "missing"));
    }
    return problems;
  }
}
