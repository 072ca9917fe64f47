package io.batchinfer.cli;

import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.proof.ResultStream;
import io.batchinfer.engine.proof.ResultStream.Rows;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/** {@code results}: the parts of a job as one stream. */
final class ResultsCommand extends OptionCommand {
  private static final int BUFFER = 1 << 16;
  private static final List<Option<?>> OPTIONS =
      List.of(
          Options.OUTPUT,
          Options.PARTIAL,
          Options.ERRORS,
          Options.FAILED_REQUESTS,
          Options.JOIN,
          Options.CONFIG,
          Options.VERBOSE);

  private final Supplier<OutputStream> standardOutput;

  ResultsCommand() {
    this(StandardOutput::open);
  }

  ResultsCommand(Supplier<OutputStream> standardOutput) {
    super(
        "results", "Writes the results of a job to standard output as one JSONL stream.", OPTIONS);
    this.standardOutput = standardOutput;
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "Rows come in the order of the input. With --failed-requests the input lines of the failed rows are written instead, to be given to another run.";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer results out > results.jsonl",
        "batchinfer results out --errors | head",
        "batchinfer results out --failed-requests > again.jsonl");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) throws IOException {
    boolean failedRequests = options.get(Options.FAILED_REQUESTS);
    boolean join = options.get(Options.JOIN);
    Rows rows = options.get(Options.ERRORS) ? Rows.FAILED : Rows.SUCCEEDED;
    if (failedRequests && (join || rows == Rows.FAILED)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--failed-requests writes input lines and goes neither with --errors nor with --join; give one of them.");
    }
    JobAt job = JobAt.output(options);
    boolean partial = options.get(Options.PARTIAL);
    if (!partial && !job.record().status().isFinal()) {
      throw notOver(job);
    }
    ResultStream stream = new ResultStream(job.folder(), job.record(), job.plan());
    if (!partial && !stream.isComplete()) {
      throw new BatchException(
          ErrorCode.PROOF_FAILED,
          "Parts of the job in \"%s\" are missing although it is %s; \"batchinfer verify\" says which. --partial writes those that are there."
              .formatted(job.folder().root(), job.status()));
    }
    try (OutputStream out = new BufferedOutputStream(standardOutput.get(), BUFFER)) {
      if (failedRequests) {
        stream.failedRequests(out);
      } else if (join) {
        stream.joined(rows, out);
      } else {
        stream.copy(rows, out);
      }
      out.flush();
    } catch (StandardOutput.ReaderGone e) {
      return 0;
    }
    if (partial && !stream.isComplete()) {
      terminal
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "Partial: the rows written so far stand for %,d of %,d input rows.",
                  stream.rows(),
                  job.record().totalRequests()));
      terminal.err().flush();
    }
    return 0;
  }

  private static BatchException notOver(JobAt job) {
    return new BatchException(
        ErrorCode.USAGE,
        "The job in \"%s\" is not over (%s). Wait for it or run it to its end, or give --partial for the rows that are written so far."
            .formatted(job.folder().root(), job.status()));
  }
}
