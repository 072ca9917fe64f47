package io.batchinfer.engine.lead;

import io.batchinfer.config.JobLimitOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.job.JobFolder;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.InputFile;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.storage.FileStore;
import io.batchinfer.storage.TemporaryName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** What an output folder already holds, and what a command may do with it. */
public final class ExistingJob {
  private ExistingJob() {}

  /**
   * Refuses an output that holds another job, or something that is not a job.
   *
   * @return the record of the same job, or empty for a new one
   */
  public static Optional<JobRecord> check(JobFolder folder, ResolvedOptions options) {
    Optional<JobRecord> record = folder.readRecord();
    if (record.isEmpty() && folder.isFile()) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The output \"%s\" is a file. Nothing was touched; give --output a new or empty folder."
              .formatted(folder.root()));
    }
    if (record.isEmpty() && holdsFiles(folder)) {
      // Another run may have begun its job between the two looks.
      record = folder.readRecord();
      if (record.isEmpty()) {
        throw new BatchException(
            ErrorCode.OUTPUT_MISMATCH,
            "The output \"%s\" is not empty and holds no job. Nothing in it was touched; give --output a new or empty folder."
                .formatted(folder.root()));
      }
    }
    if (record.isEmpty()) {
      return Optional.empty();
    }
    if (!startsAnew(record.get(), options)) {
      refuse(folder, differences(record.get(), options));
    }
    return record;
  }

  /** What a run is just writing, or died over, is no file of somebody else. */
  private static boolean holdsFiles(JobFolder folder) {
    return folder.store().list(folder.root()).stream()
        .map(FileStore.Entry::name)
        .anyMatch(
            name -> !name.startsWith("_") && !name.startsWith(".") && !TemporaryName.isOne(name));
  }

  /**
   * Whether the command replaces the job by a new generation. A scheduler repeats a command as it
   * is, so a {@code --rerun} begins once only: once per run id where there is one, otherwise not
   * again before the job that it began is over.
   */
  public static boolean startsAnew(JobRecord record, ResolvedOptions options) {
    Optional<String> rerun = rerunId(options);
    if (rerun.isEmpty()) {
      return false;
    }
    boolean same =
        rerun.equals(record.generation().rerun())
            && (!rerun.get().isEmpty() || !record.status().isFinal());
    return !same || !differences(record, options).isEmpty();
  }

  /** Run id of the rerun that is asked for, blank without one; empty where none is asked for. */
  public static Optional<String> rerunId(ResolvedOptions options) {
    return options.get(RepeatOptions.RERUN)
        ? Optional.of(options.find(RepeatOptions.RUN_ID).orElse(""))
        : Optional.empty();
  }

  private static List<String> differences(JobRecord record, ResolvedOptions options) {
    SortedMap<String, String> before = new TreeMap<>(record.identity());
    before.remove(JobRequest.CONTENT);
    before.remove(JobRequest.NAME);
    Map<String, String> now = options.identity();
    List<String> differences = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    for (String key : keys) {
      String old = before.getOrDefault(key, "(not set)");
      String current = now.getOrDefault(key, "(not set)");
      if (!old.equals(current)) {
        differences.add("%s was \"%s\" and is \"%s\"".formatted(key, old, current));
      }
    }
    return differences;
  }

  private static void refuse(JobFolder folder, List<String> differences) {
    if (!differences.isEmpty()) {
      throw new BatchException(
          ErrorCode.OUTPUT_MISMATCH,
          "The output \"%s\" belongs to another job: %s. Nothing in it was touched; give another --output, or --rerun to replace that job's results."
              .formatted(folder.root(), String.join("; ", differences)));
    }
  }

  /** Whether the job has ended for good, so that the same command only tells how. */
  public static boolean isOver(JobFolder folder, JobRecord record, ResolvedOptions options) {
    if (startsAnew(record, options) || options.get(RepeatOptions.RETRY_FAILED)) {
      return false;
    }
    boolean provisional =
        record.status() == JobStatus.CANCELLED || record.status() == JobStatus.EXPIRED;
    return record.status().isFinal()
        && !(provisional && options.get(RepeatOptions.RESUME))
        && !hasMoreTime(record, options)
        && folder.readReopening().isEmpty();
  }

  /** What a user is told whose command finds its job over. */
  public static String nothingSent(JobRecord record) {
    String again =
        record.counts().failed() > 0
            ? " --retry-failed sends its failed rows again, --rerun all of them."
            : " --rerun sends all of it again.";
    return "This job was over before (%s); nothing was sent.%s"
        .formatted(record.status().word(), again);
  }

  /** Whether an expired job gets a longer time-out than it had, or none. */
  private static boolean hasMoreTime(JobRecord record, ResolvedOptions options) {
    if (record.status() != JobStatus.EXPIRED) {
      return false;
    }
    String before = record.definition().settings().get(JobLimitOptions.TIMEOUT_HOURS.name());
    Optional<Double> now = options.find(JobLimitOptions.TIMEOUT_HOURS);
    return now.isEmpty() || before == null || now.get() > Double.parseDouble(before);
  }

  /**
   * Whether the files are those of the plan by path, size and time, so that nothing need be read.
   */
  public static boolean isUnchanged(Plan plan, List<FileStore.Entry> files) {
    if (plan.files().size() != files.size()) {
      return false;
    }
    for (InputFile planned : plan.files()) {
      FileStore.Entry file = files.get(planned.number());
      if (!planned.path().equals(file.path())
          || planned.bytes() != file.bytes()
          || planned.modifiedMillis() != file.modifiedMillis()) {
        return false;
      }
    }
    return true;
  }
}
