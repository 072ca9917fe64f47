package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.proof.OutputProof;
import io.batchinfer.engine.proof.OutputProof.Finding;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;

/** {@code verify}: repeats the proof of a finished job. */
final class VerifyCommand extends OptionCommand {
  private static final int SHOWN_PROBLEMS = 20;
  private static final int MAX_THREADS = 16;
  private static final List<Option<?>> OPTIONS =
      List.of(InputOutputOptions.OUTPUT, GeneralOptions.CONFIG, GeneralOptions.VERBOSE);

  VerifyCommand() {
    super(
        "verify",
        "Proves that what a finished job wrote holds every input row exactly once.",
        OPTIONS);
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "Reads all of it back; needs no cluster. Ends with 0 when the proof holds and with 1 when it does not.";
  }

  @Override
  List<String> examples() {
    return List.of("batchinfer verify out");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) {
    JobAt job = JobAt.output(options);
    if (!job.record().status().isFinal()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The job in \"%s\" is not over (%s), so there is nothing to prove yet. Run it to its end first."
              .formatted(job.folder().root(), job.status()));
    }
    int threads = Math.min(MAX_THREADS, Runtime.getRuntime().availableProcessors());
    Finding finding = new OutputProof(job.folder(), job.record(), job.plan()).examine(threads);
    if (!finding.holds()) {
      throw failed(job, finding);
    }
    terminal
        .out()
        .println(
            "Proven: %s, %s and %s in %s; every input row is there once, in order."
                .formatted(
                    Amount.of(finding.rows(), "row"),
                    Amount.of(finding.results(), "result"),
                    Amount.of(finding.errors(), "error"),
                    Amount.of(finding.splits(), "split")));
    terminal.out().flush();
    return 0;
  }

  private static BatchException failed(JobAt job, Finding finding) {
    List<String> problems = finding.problems();
    StringBuilder message =
        new StringBuilder(
            "The output \"%s\" does not hold what the job wrote:".formatted(job.folder().root()));
    problems.stream()
        .limit(SHOWN_PROBLEMS)
        .forEach(problem -> message.append("\n  ").append(problem));
    if (problems.size() > SHOWN_PROBLEMS) {
      message.append("\n  and ").append(problems.size() - SHOWN_PROBLEMS).append(" more");
    }
    message.append(
        "\nA file was changed, lost or added since. Restore it from a copy, or run the job again with --rerun, which pays again.");
    return new BatchException(ErrorCode.PROOF_FAILED, message.toString());
  }
}
