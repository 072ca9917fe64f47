package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.job.Liveness;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.Claimant;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.time.Pause;
import io.batchinfer.time.SystemTime;
import java.util.List;
import java.util.Optional;

/** {@code cancel}: asks the run of a job to end, from any machine. */
final class CancelCommand extends OptionCommand {
  private static final List<Option<?>> OPTIONS =
      List.of(InputOutputOptions.OUTPUT, GeneralOptions.CONFIG, GeneralOptions.VERBOSE);

  private final Pause pause;

  CancelCommand() {
    this(new SystemTime("batchinfer-wait"));
  }

  CancelCommand(Pause pause) {
    super(
        "cancel", "Asks the run of a job to end, from any machine that sees its folder.", OPTIONS);
    this.pause = pause;
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "What was answered is kept. The other rows become errors with the code batch_cancelled, which \"run --resume\" runs after all.";
  }

  @Override
  List<String> examples() {
    return List.of("batchinfer cancel out");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    JobAt job = JobAt.output(options);
    if (job.record().status().isFinal()) {
      terminal
          .out()
          .println(
              "The job in \"%s\" is over (%s); there is nothing to cancel."
                  .formatted(job.folder().root(), job.status()));
    } else {
      Optional<Claimant> owner = new Liveness(OwnershipTiming.DEFAULT, pause).observe(job.folder());
      owner.ifPresent(unused -> job.folder().requestCancel());
      terminal.out().println(owner.map(running -> asked(job, running)).orElse(notRunning(job)));
    }
    terminal.out().flush();
    return 0;
  }

  private static String asked(JobAt job, Claimant owner) {
    return "Asked the run of \"%s\" (%s) to cancel. It sends nothing more, waits for the requests under way, writes the other rows as errors (batch_cancelled) and ends with exit code %d. \"batchinfer status\" shows when it is done; \"run --resume\" runs the cancelled rows after all."
        .formatted(job.folder().root(), owner.shown(), ErrorCode.CANCELLED.exitCode());
  }

  private static String notRunning(JobAt job) {
    return "The job in \"%s\" is not running, so there is nothing to cancel; what it settled is saved. The same run command goes on from there, and \"batchinfer results --partial\" shows what is written."
        .formatted(job.folder().root());
  }
}
