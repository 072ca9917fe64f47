package io.batchinfer.engine.lead;

import io.batchinfer.config.RepeatOptions;
import io.batchinfer.course.CourseFolder;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CourseRecording;
import io.batchinfer.course.RunCourse.Ending;
import io.batchinfer.course.RunCourse.Program;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.Hash128;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobRecord.Costs;
import io.batchinfer.model.JobRecord.Definition;
import io.batchinfer.model.JobRecord.Generation;
import io.batchinfer.model.JobRecord.Rows;
import io.batchinfer.model.JobRecord.Standing;
import io.batchinfer.model.JobRecord.Times;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.StorageException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers what a run will say of itself and writes it to {@code job.json}. For one thread. */
public final class JobRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(JobRecorder.class);

  private final JobFolder folder;
  private final JobRequest request;
  private final Instant startedAt;
  private final Instant runStartedAt = Instant.now();
  private final Generation generation;
  private final Optional<String> keptId;
  private @Nullable Instant reopenedAt;
  private SortedMap<String, String> identity;
  private String jobId = "";
  private long totalRequests;
  private long resumedRequests;
  private Counts counts = Counts.ZERO;
  private double sendingSeconds;
  private @Nullable JobPrices prices;
  private boolean atWork;
  private Supplier<List<EngineFigures>> engines = List::of;
  private @Nullable CourseRecording course;

  /** Of a job that begins, in place of one that may be there. */
  public static JobRecorder anew(
      JobFolder folder, JobRequest request, Optional<JobRecord> existing) {
    int number = existing.map(record -> record.generation().number() + 1).orElse(1);
    Generation generation = new Generation(number, ExistingJob.rerunId(request.options()));
    return new JobRecorder(folder, request, generation, Optional.empty());
  }

  /** Of a job that goes on. */
  public static JobRecorder continuing(JobFolder folder, JobRequest request, JobRecord existing) {
    return new JobRecorder(folder, request, existing.generation(), Optional.of(existing));
  }

  private JobRecorder(
      JobFolder folder, JobRequest request, Generation generation, Optional<JobRecord> before) {
    this.folder = folder;
    this.request = request;
    this.generation = generation;
    this.identity = new TreeMap<>(request.options().identity());
    this.keptId = before.map(JobRecord::jobId).filter(id -> !id.isEmpty());
    this.startedAt = before.map(record -> record.times().startedAt()).orElse(runStartedAt);
  }

  public void planned(
      Plan plan, SortedMap<String, String> jobIdentity, Hash128 jobHash, JobPrices prices) {
    this.prices = prices;
    identity = jobIdentity;
    jobId = keptId.orElseGet(() -> JobRequest.jobId(jobHash, folder.root()));
    totalRequests = plan.rows();
  }

  public void resumed(long rows) {
    resumedRequests = rows;
  }

  /** The run begins to send; what it runs with. */
  public void runsWith(Program program) {
    CourseRecording begun = course();
    begun.runsWith(program);
    begun.planned(totalRequests, resumedRequests, GivenLimits.of(request.options()));
  }

  /** How the run goes over time. */
  CourseRecording course() {
    CourseRecording known = course;
    if (known == null) {
      known = new CourseRecording(new CourseFolder(folder), runStartedAt);
      course = known;
    }
    return known;
  }

  public void counted(Counts settled, double seconds) {
    counts = settled;
    sendingSeconds = seconds;
  }

  /** Whoever knows the engines of the run; asked with every record. */
  void engines(Supplier<List<EngineFigures>> figures) {
    engines = figures;
  }

  public int generation() {
    return generation.number();
  }

  public Counts counts() {
    return counts;
  }

  public long resumedRequests() {
    return resumedRequests;
  }

  /** Goes on with rows of a finished job whose time began to run anew then. */
  public void reopened(Instant since) {
    reopenedAt = since;
  }

  /** When the job's time began to run: at its start, or when a user went on with it explicitly. */
  public Instant timeFrom() {
    boolean anew =
        request.options().get(RepeatOptions.RESUME)
            || request.options().get(RepeatOptions.RETRY_FAILED);
    return anew ? runStartedAt : reopenedAt == null ? startedAt : reopenedAt;
  }

  /**
   * Writes how far the job is. These counts are kept apart from the final ones, which are those of
   * what is published.
   *
   * @param message what holds it up, or empty
   */
  public void writeProgress(Counts settled, double seconds, String message) {
    folder.writeRecord(
        record(Standing.of(JobStatus.RUNNING, message, 0), settled, seconds, Instant.now()));
  }

  public JobRecord write(JobStatus status, String message) {
    return write(status, message, status.exitCode());
  }

  public JobRecord write(JobStatus status, String message, int exitCode) {
    JobRecord record =
        record(Standing.of(status, message, exitCode), counts, sendingSeconds, Instant.now());
    atWork |= status.isActive();
    folder.writeRecord(record);
    atWork = status.isActive();
    if (!status.isActive()) {
      endCourse(new Ending(Instant.now(), status, message.isEmpty() ? null : message));
    }
    return record;
  }

  /** A job is over whether or not that could be written down. */
  private void endCourse(Ending ending) {
    CourseRecording recorded = course;
    if (recorded != null) {
      try {
        recorded.end(
            ending,
            new CoursePoint.Rows(counts.settled(), counts.failed(), counts.errors()),
            counts.attempts(),
            new CoursePoint.Spent(
                counts.usage().promptTokens(),
                counts.usage().completionTokens(),
                prices == null ? null : prices.known(counts.usage()).orElse(null)));
      } catch (StorageException e) {
        LOG.warn("How the run went could not be written down", e);
      }
    }
  }

  /** Whether the record says, as far as this run wrote it, that a run is at work on the job. */
  public boolean isAtWork() {
    return atWork;
  }

  /** There is no job. */
  public void delete() {
    folder.deleteRecord();
    atWork = false;
  }

  private JobRecord record(Standing standing, Counts settled, double seconds, Instant now) {
    return new JobRecord(
        new Definition(
            jobId,
            folder.root(),
            identity,
            request.options().asStrings(),
            request.options().find(RepeatOptions.METADATA).orElse(Map.of())),
        generation,
        standing,
        new Rows(totalRequests, resumedRequests, settled),
        prices == null ? Costs.UNKNOWN : prices.costs(settled.usage()),
        new Times(
            startedAt,
            standing.status().isActive() ? Optional.empty() : Optional.of(now),
            seconds,
            Duration.between(runStartedAt, now).toMillis() / 1e3),
        engines.get());
  }
}
