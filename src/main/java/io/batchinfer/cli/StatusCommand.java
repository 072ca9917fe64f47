package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.course.CourseFolder;
import io.batchinfer.course.CoursePoint;
import io.batchinfer.engine.proof.ResultStream;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.JobJson;
import io.batchinfer.job.Liveness;
import io.batchinfer.job.SubmissionNote;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.report.Summary;
import io.batchinfer.report.WatchReport;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Pause;
import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code status}: how a job stands, from any machine. */
final class StatusCommand extends OptionCommand {
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.OUTPUT,
          GeneralOptions.CONFIG,
          GeneralOptions.WATCH,
          GeneralOptions.JSON,
          GeneralOptions.SUMMARY_FILE,
          GeneralOptions.SUBMISSION,
          GeneralOptions.VERBOSE);

  /** Beside the beat or two that it takes to see a run alive. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  /** A run's course is replaced every few seconds only. */
  private static final int LOOKS_PER_COURSE = 5;

  private final Pause pause;

  StatusCommand() {
    this(new SystemTime("batchinfer-wait"));
  }

  StatusCommand(Pause pause) {
    super("status", "Shows how a job stands, from any machine that sees its folder.", OPTIONS);
    this.pause = pause;
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "Ends with the job's exit code, which is 0 while it runs and when it completed. Counts are those that the run wrote last, every five seconds. A job whose run shows no sign of life is \"stalled\".";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer status out",
        "batchinfer status out --watch",
        "batchinfer status -o out --json");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    Optional<String> submission = options.find(GeneralOptions.SUBMISSION);
    if (submission.isPresent()) {
      FileStores stores = HadoopFiles.stores();
      JobFolder folder =
          new JobFolder(stores, stores.qualify(options.require(InputOutputOptions.OUTPUT)));
      Optional<SubmissionNote> note = SubmissionNote.take(folder, submission.get());
      if (note.isEmpty()) {
        throw new BatchException(
            ErrorCode.STORAGE_FAILED,
            "The driver on the cluster left no note in \"%s\" of how it ended; its log there says why.%s"
                .formatted(
                    folder.root(),
                    FileStores.isLocal(folder.root())
                        ? " That path is one of this machine: in cluster mode the driver has written to the path of that name where it ran. Give --output on a filesystem that all machines see."
                        : ""));
      }
      if (!note.get().message().isEmpty()) {
        terminal.err().println(note.get().message());
        terminal.err().flush();
        SummaryOutput.of(options).tell(Failure.json(note.get()), terminal.out(), terminal.err());
        return note.get().exitCode();
      }
    }
    JobAt job = JobAt.output(options);
    Liveness liveness = new Liveness(OwnershipTiming.DEFAULT, pause);
    JobRecord record =
        options.get(GeneralOptions.WATCH)
            ? watch(job, liveness, options.get(GeneralOptions.JSON), terminal)
            : liveness.honest(job.folder(), job.record());
    SummaryOutput.of(options).tell(JobJson.summary(record), terminal.out(), terminal.err());
    if (!options.get(GeneralOptions.JSON)) {
      terminal.out().println(Summary.of(record));
      if (record.status().isFinal()) {
        NextTime.inFull(job.folder(), record).forEach(terminal.out()::println);
      } else {
        written(job).ifPresent(terminal.out()::println);
      }
    }
    terminal.out().flush();
    return record.exitCode();
  }

  /** Shows the job until it is no longer at work, and returns how it stands then. */
  private JobRecord watch(JobAt job, Liveness liveness, boolean json, Terminal terminal) {
    boolean person = StandardStreams.areATerminal() && !json;
    try (WatchReport report = new WatchReport(terminal.out(), person);
        LineEndHook hook = new LineEndHook(terminal.err(), person)) {
      JobRecord record = liveness.honest(job.folder(), job.record());
      Optional<CoursePoint> latest = Optional.empty();
      long looks = 0;
      while (record.status().isActive() && !Thread.currentThread().isInterrupted()) {
        if (json) {
          terminal.out().println(JobJson.summary(record));
          terminal.out().flush();
        } else {
          if (looks++ % LOOKS_PER_COURSE == 0) {
            latest = new CourseFolder(job.folder()).latest();
          }
          report.show(record, latest);
        }
        pause.pause(BETWEEN_LOOKS);
        record = liveness.honest(job.folder(), job.folder().readRecord().orElse(record));
      }
      return record;
    }
  }

  /** How much is there to read already. */
  private static Optional<String> written(JobAt job) {
    Optional<Plan> plan = job.folder().readPlan();
    return plan.map(
        known ->
            String.format(
                Locale.ROOT,
                "  %,d of %s can be read with \"batchinfer results --partial\"",
                new ResultStream(job.folder(), job.record(), known).rows(),
                Amount.of(known.rows(), "row")));
  }
}
