package io.batchinfer.cli;

import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.ResultStream;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.Liveness;
import io.batchinfer.job.SubmissionNote;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.report.Summary;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Pause;
import io.batchinfer.time.SystemTime;
import io.batchinfer.wire.JobJson;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** {@code status}: how a job stands, from any machine. */
final class StatusCommand extends OptionCommand {
  private static final List<Option<?>> OPTIONS =
      List.of(Options.OUTPUT, Options.CONFIG, Options.JSON, Options.SUBMISSION, Options.VERBOSE);

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
    return "Ends with the job's exit code, which is 0 while it runs and when it completed. A job whose run shows no sign of life is \"stalled\".";
  }

  @Override
  List<String> examples() {
    return List.of("batchinfer status out", "batchinfer status -o out --json");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    Optional<String> submission = options.find(Options.SUBMISSION);
    if (submission.isPresent()) {
      FileStores stores = HadoopFiles.stores();
      JobFolder folder = new JobFolder(stores, stores.qualify(options.require(Options.OUTPUT)));
      Optional<SubmissionNote> note = SubmissionNote.take(folder, submission.get());
      if (note.isEmpty()) {
        throw new BatchException(
            ErrorCode.INTERNAL,
            "The driver on the cluster left no word in \"%s\" of how it ended; its log there says why."
                .formatted(folder.root()));
      }
      if (!note.get().message().isEmpty()) {
        terminal.err().println(note.get().message());
        terminal.err().flush();
        return note.get().exitCode();
      }
    }
    JobAt job = JobAt.output(options);
    JobRecord record =
        new Liveness(OwnershipTiming.DEFAULT, pause).honest(job.folder(), job.record());
    if (options.get(Options.JSON)) {
      terminal.out().println(JobJson.summary(record));
    } else {
      terminal.out().println(Summary.of(record));
      if (!record.status().isFinal()) {
        written(job).ifPresent(terminal.out()::println);
      }
    }
    terminal.out().flush();
    return record.exitCode();
  }

  /** How much is there to read already. */
  private static Optional<String> written(JobAt job) {
    Optional<Plan> plan = job.folder().readPlan();
    return plan.map(
        known ->
            String.format(
                Locale.ROOT,
                "  %,d of %,d rows can be read with \"batchinfer results --partial\"",
                new ResultStream(job.folder(), job.record(), known).rows(),
                known.rows()));
  }
}
