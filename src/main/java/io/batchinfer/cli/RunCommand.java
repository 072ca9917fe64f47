package io.batchinfer.cli;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.GeneralOptions;
import io.batchinfer.config.InputOutputOptions;
import io.batchinfer.config.RepeatOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.lead.ExistingJob;
import io.batchinfer.engine.plan.InputFiles;
import io.batchinfer.engine.run.LocalCluster;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.JobJson;
import io.batchinfer.job.RunListener;
import io.batchinfer.launch.BatchRun;
import io.batchinfer.launch.RunOptions;
import io.batchinfer.live.LivePage;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.EndpointUrls;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.report.ProgressReport;
import io.batchinfer.report.ReportingListener;
import io.batchinfer.report.Summary;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** {@code run}: plan, send, assemble; resumes by itself. */
final class RunCommand extends OptionCommand {
  private static final String AIRFLOW_RUN_ID = "AIRFLOW_CTX_DAG_RUN_ID";

  /** Failures that come before it is sure whose job the output folder holds. */
  private static final Set<ErrorCode> WITHOUT_JOB =
      Set.of(
          ErrorCode.USAGE,
          ErrorCode.INVALID_INPUT,
          ErrorCode.OUTPUT_MISMATCH,
          ErrorCode.UNSUPPORTED_SPARK);

  private Optional<String> givenOutput = Optional.empty();

  RunCommand() {
    super(
        "run",
        "Sends every request of the input and writes one result or error line per row. The same command again resumes.",
        RunOptions.ALL);
  }

  @Override
  int call(Map<String, List<String>> given, Terminal terminal) throws Exception {
    givenOutput =
        given.getOrDefault(InputOutputOptions.OUTPUT.name(), List.of()).stream().findFirst();
    Optional<ClusterNote> note = ClusterNote.wanted(given);
    try {
      int exitCode = super.call(given, terminal);
      note.ifPresent(wanted -> wanted.leave(exitCode));
      return exitCode;
    } catch (Exception e) {
      note.ifPresent(wanted -> wanted.leave(e));
      throw e;
    }
  }

  @Override
  Optional<String> jobId(Failure failure) {
    if (givenOutput.isEmpty() || WITHOUT_JOB.contains(failure.code())) {
      return Optional.empty();
    }
    try {
      FileStores stores = HadoopFiles.stores();
      return new JobFolder(stores, stores.qualify(givenOutput.get()))
          .readRecord()
          .map(JobRecord::jobId)
          .filter(id -> !id.isEmpty());
    } catch (BatchException | StorageException e) {
      // The failure is reported already; where its job cannot be read, no id is known.
      return Optional.empty();
    }
  }

  /** A scheduler that names its runs in the environment need not be told to name them again. */
  static ResolvedOptions withRunId(ResolvedOptions given, Map<String, String> environment) {
    Optional<String> scheduled =
        Optional.ofNullable(environment.get(AIRFLOW_RUN_ID)).filter(id -> !id.isBlank());
    return given.find(RepeatOptions.RUN_ID).isPresent() || scheduled.isEmpty()
        ? given
        : given.with(RepeatOptions.RUN_ID, scheduled.get(), AIRFLOW_RUN_ID);
  }

  @Override
  int run(ResolvedOptions resolved, Terminal terminal) {
    Map<String, String> environment = System.getenv();
    if (resolved.find(InputOutputOptions.DRY_RUN).isPresent()) {
      return preview(resolved, terminal);
    }
    SummaryOutput.of(resolved).prepare();
    ResolvedOptions given = BatchRun.checked(withRunId(resolved, environment), environment);
    Optional<JobRecord> over = alreadyOver(given);
    if (over.isPresent()) {
      if (given.get(RepeatOptions.RERUN)) {
        terminal
            .err()
            .println(
                "The rerun under run id \"%s\" is over already; another --run-id starts a new one."
                    .formatted(given.find(RepeatOptions.RUN_ID).orElse("")));
      }
      terminal.err().println(ExistingJob.nothingSent(over.get()));
      tell(over.get(), given, terminal);
      return over.get().exitCode();
    }
    if (isWithoutSpark()) {
      int threads = Runtime.getRuntime().availableProcessors();
      try (LocalCluster cluster = new LocalCluster(threads, HadoopFiles.stores())) {
        return run(
            given,
            progress -> BatchRun.prepareHere(cluster, given, environment, confFolder(), progress),
            terminal);
      }
    }
    try (SparkContexts spark = SparkContexts.open(environment)) {
      return run(
          given,
          progress ->
              BatchRun.prepare(spark.context(), given, null, environment, confFolder(), progress),
          terminal);
    }
  }

  /** Whether the start script was told {@code --master none}. */
  private static boolean isWithoutSpark() {
    return LocalCluster.NAME.equals(System.getProperty("spark.master"));
  }

  private static int run(
      ResolvedOptions given, Function<RunListener, BatchRun> prepared, Terminal terminal) {
    try (ProgressReport progress =
            new ProgressReport(
                terminal.err(), StandardStreams.areATerminal() && !given.get(GeneralOptions.JSON));
        BatchRun run = prepared.apply(new ReportingListener(progress))) {
      progress.towards(target(run.options()));
      // Until everything is reported: the process ends as soon as the hook does.
      try (InterruptHook hook =
              new InterruptHook(
                  run,
                  run::requestsUnderWay,
                  given.get(RetryOptions.DRAIN_TIMEOUT),
                  progress::notice);
          LivePage page = RunPage.serve(given, folder(given), run, progress)) {
        JobRecord record = run.run();
        progress.close();
        tell(record, given, terminal);
        NextTime.afterRun(folder(given), record).forEach(terminal.err()::println);
        terminal.err().flush();
        return record.exitCode();
      }
    }
  }

  private static int preview(ResolvedOptions given, Terminal terminal) {
    try (SparkContexts spark = SparkContexts.open(System.getenv())) {
      BatchRun.preview(spark.context(), given, null, given.get(InputOutputOptions.DRY_RUN))
          .forEach(terminal.out()::println);
      terminal.out().flush();
      return 0;
    }
  }

  /**
   * The record of a job that ended for good over unchanged files: nothing need be started to tell
   * it.
   */
  private static Optional<JobRecord> alreadyOver(ResolvedOptions options) {
    JobFolder folder = folder(options);
    // Only Spark can tell whether a table is as it was.
    if (!FileStores.isLocal(folder.root()) || BatchRun.isOfTable(options)) {
      return Optional.empty();
    }
    Optional<JobRecord> record = ExistingJob.check(folder, options);
    if (record.isEmpty() || !ExistingJob.isOver(folder, record.get(), options)) {
      return Optional.empty();
    }
    Optional<Plan> plan = folder.readPlan();
    boolean unchanged =
        plan.isPresent()
            && ExistingJob.isUnchanged(
                plan.get(),
                InputFiles.of(
                        HadoopFiles.stores(), options.require(InputOutputOptions.INPUT), options)
                    .files());
    return unchanged ? record : Optional.empty();
  }

  /** Where requests go, of which lines may name another endpoint. */
  private static String target(ResolvedOptions options) {
    String path =
        options
            .find(EndpointOptions.ENDPOINT)
            .flatMap(EndpointPaths::canonical)
            .orElse(EndpointPaths.CHAT_COMPLETIONS);
    if (options.find(EngineOptions.ENGINE).isPresent()) {
      return EndpointUrls.url("http://127.0.0.1/v1", path) + " of engines";
    }
    List<String> bases = options.get(EndpointOptions.BASE_URL);
    String more = bases.size() > 1 ? " and " + (bases.size() - 1) + " more" : "";
    return EndpointUrls.url(bases.get(0), path) + more;
  }

  private static JobFolder folder(ResolvedOptions options) {
    FileStores stores = HadoopFiles.stores();
    return new JobFolder(stores, stores.qualify(options.require(InputOutputOptions.OUTPUT)));
  }

  private static void tell(JobRecord record, ResolvedOptions options, Terminal terminal) {
    terminal.err().println(Summary.of(record));
    terminal.err().flush();
    SummaryOutput.of(options).tell(JobJson.summary(record), terminal.out(), terminal.err());
  }
}
