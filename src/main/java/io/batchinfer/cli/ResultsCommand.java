package io.batchinfer.cli;

import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.Option;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.proof.ResultFollower;
import io.batchinfer.engine.proof.ResultStream;
import io.batchinfer.engine.proof.ResultStream.Rows;
import io.batchinfer.job.Liveness;
import io.batchinfer.model.Amount;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.OwnershipTiming;
import io.batchinfer.table.answers.AnswersTarget;
import io.batchinfer.time.Pause;
import io.batchinfer.time.SystemTime;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;

/** {@code results}: the parts of a job as one stream, or its answers as a table. */
final class ResultsCommand extends OptionCommand {
  private static final int BUFFER = 1 << 16;
  private static final List<Option<?>> OPTIONS =
      List.of(
          InputOutputOptions.OUTPUT,
          ReadingOptions.PARTIAL,
          ReadingOptions.FOLLOW,
          ReadingOptions.ERRORS,
          ReadingOptions.FAILED_REQUESTS,
          ReadingOptions.JOIN,
          ReadingOptions.FORMAT_OF_ANSWERS,
          ReadingOptions.TO,
          ReadingOptions.TO_TABLE,
          ReadingOptions.OVERWRITE,
          GeneralOptions.CONFIG,
          GeneralOptions.VERBOSE);

  /** Each look at a job on a store of objects is on somebody's bill. */
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);

  private static final Duration BETWEEN_LOOKS_ELSEWHERE = Duration.ofSeconds(5);
  private static final int LOOKS_FOR_A_JOB = 30;

  private final Supplier<OutputStream> standardOutput;
  private final Pause pause;

  ResultsCommand() {
    this(StandardOutput::open);
  }

  ResultsCommand(Supplier<OutputStream> standardOutput) {
    this(standardOutput, new SystemTime("batchinfer-wait"));
  }

  ResultsCommand(Supplier<OutputStream> standardOutput, Pause pause) {
    super(
        "results", "Writes the results of a job to standard output as one JSONL stream.", OPTIONS);
    this.standardOutput = standardOutput;
    this.pause = pause;
  }

  @Override
  boolean takesFolder() {
    return true;
  }

  @Override
  String details() {
    return "Rows come in the order of the input; with --follow as they are published, each once, until the job is over, and then the command ends with the job's exit code. With --failed-requests the input lines of the failed rows are written instead, to be given to another run. With --to or --to-table, Spark writes all rows as one table, whose columns are those of its data source \"batchinfer\".";
  }

  @Override
  List<String> examples() {
    return List.of(
        "batchinfer results out > results.jsonl",
        "batchinfer results out --errors | head",
        "batchinfer results out --follow | jq .custom_id",
        "batchinfer results out --failed-requests > again.jsonl",
        "batchinfer results out --format parquet --to answers");
  }

  @Override
  int run(ResolvedOptions options, Terminal terminal) throws IOException {
    boolean failedRequests = options.get(ReadingOptions.FAILED_REQUESTS);
    boolean join = options.get(ReadingOptions.JOIN);
    Rows rows = options.get(ReadingOptions.ERRORS) ? Rows.FAILED : Rows.SUCCEEDED;
    if (failedRequests && (join || rows == Rows.FAILED)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "--failed-requests writes input lines and goes neither with --errors nor with --join; give one of them.");
    }
    Optional<AnswersTarget> target = target(options);
    if (options.get(ReadingOptions.FOLLOW)) {
      if (failedRequests || join) {
        throw new BatchException(
            ErrorCode.USAGE,
            "--follow writes rows as they come, and %s reads the input in its order beside them; give one of them."
                .formatted(failedRequests ? "--failed-requests" : "--join"));
      }
      return follow(options, rows, terminal);
    }
    JobAt job = JobAt.output(options);
    boolean partial = options.get(ReadingOptions.PARTIAL);
    if (!partial && !job.record().status().isFinal()) {
      throw notOver(job);
    }
    if (target.isPresent()) {
      write(job, target.get(), terminal);
      return 0;
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
                  "Partial: the rows written so far cover %,d of %,d input rows.",
                  stream.rows(),
                  job.record().totalRequests()));
      terminal.err().flush();
    }
    return 0;
  }

  private int follow(ResolvedOptions options, Rows rows, Terminal terminal) throws IOException {
    JobAt job = JobAt.soon(options, LOOKS_FOR_A_JOB, pause, terminal.err());
    ResultFollower follower =
        new ResultFollower(
            job.folder(),
            rows,
            new Liveness(OwnershipTiming.DEFAULT, pause),
            pause,
            FileStores.isLocal(job.folder().root()) ? BETWEEN_LOOKS : BETWEEN_LOOKS_ELSEWHERE);
    JobRecord last;
    try (WholeLines out = new WholeLines(standardOutput.get())) {
      last = follower.follow(job.record(), out);
    } catch (StandardOutput.ReaderGone e) {
      return 0;
    }
    terminal
        .err()
        .println(
            "%s; the job is %s.%s"
                .formatted(
                    Amount.of(follower.rows(), "row was written", "rows were written"),
                    last.status().word().replace('_', ' '),
                    last.message().isEmpty() ? "" : " " + last.message()));
    terminal.err().flush();
    return last.exitCode();
  }

  /** Where a table is to be written, if one is. */
  private static Optional<AnswersTarget> target(ResolvedOptions options) {
    Optional<String> path = options.find(ReadingOptions.TO);
    Optional<String> table = options.find(ReadingOptions.TO_TABLE);
    Optional<String> format = options.find(ReadingOptions.FORMAT_OF_ANSWERS);
    boolean overwrite = options.get(ReadingOptions.OVERWRITE);
    if (path.isEmpty() && table.isEmpty()) {
      if (format.isPresent() || overwrite) {
        throw new BatchException(
            ErrorCode.USAGE,
            "%s says nothing of where the table goes. Give --to PATH or --to-table NAME with it."
                .formatted(format.isPresent() ? "--format" : "--overwrite"));
      }
      return Optional.empty();
    }
    if (path.isPresent() && (table.isPresent() || format.isEmpty())) {
      throw new BatchException(
          ErrorCode.USAGE,
          table.isPresent()
              ? "--to and --to-table both say where the table goes; give one of them."
              : "--to \"%s\" says nothing of how the table is written. Give --format with it, such as --format parquet."
                  .formatted(path.get()));
    }
    for (Option<Boolean> stream :
        List.of(
            ReadingOptions.FOLLOW,
            ReadingOptions.ERRORS,
            ReadingOptions.FAILED_REQUESTS,
            ReadingOptions.JOIN)) {
      if (options.get(stream)) {
        throw new BatchException(
            ErrorCode.USAGE,
            "%s is about the stream of lines, and a table has every row with its status and error; leave it out."
                .formatted(stream.flag()));
      }
    }
    return Optional.of(new AnswersTarget(format, path, table, overwrite));
  }

  private static void write(JobAt job, AnswersTarget target, Terminal terminal) {
    try (SparkContexts spark = SparkContexts.open(System.getenv())) {
      target.write(job.folder());
      terminal
          .err()
          .println(
              String.format(
                  Locale.ROOT,
                  "Wrote %s to %s.",
                  Amount.of(job.plan().rows(), "row"),
                  target.path().or(target::table).orElseThrow()));
      terminal.err().flush();
    }
  }

  private static BatchException notOver(JobAt job) {
    return new BatchException(
        ErrorCode.USAGE,
        "The job in \"%s\" is not over (%s). Wait for it or run it to its end, or give --partial for the rows that are written so far."
            .formatted(job.folder().root(), job.status()));
  }
}
