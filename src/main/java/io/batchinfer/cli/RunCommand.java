package io.batchinfer.cli;

import io.batchinfer.config.ApiKeys;
import io.batchinfer.config.Option;
import io.batchinfer.config.Options;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.lead.ExistingJob;
import io.batchinfer.engine.plan.InputFiles;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.JobJson;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.EndpointUrls;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.Plan;
import io.batchinfer.report.ProgressReport;
import io.batchinfer.report.Summary;
import io.batchinfer.spark.FileRequests;
import io.batchinfer.spark.SparkBatchRunner;
import io.batchinfer.spark.SparkContexts;
import io.batchinfer.storage.FileStores;
import io.batchinfer.storage.StorageException;
import io.batchinfer.table.schema.AnswerSchemaOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;

/** {@code run}: plan, send, assemble; resumes by itself. */
final class RunCommand extends OptionCommand {
  private static final String AIRFLOW_RUN_ID = "AIRFLOW_CTX_DAG_RUN_ID";
  private static final List<Option<?>> OPTIONS =
      SendingOptions.and(
          Options.INPUT,
          Options.INPUT_FORMAT,
          Options.INPUT_OPTION,
          Options.INPUT_TABLE,
          Options.INPUT_SQL,
          Options.RECURSIVE,
          Options.OUTPUT,
          Options.ON_INVALID,
          Options.ENDPOINT,
          Options.ALLOWED_ENDPOINTS,
          Options.MODEL,
          Options.MODEL_OVERRIDE,
          Options.KEEP_LINE_MODELS,
          Options.AGENT_ID,
          Options.ANSWER_SCHEMA,
          Options.ANSWER_SCHEMA_MODE,
          Options.ANSWER_SCHEMA_FORM,
          Options.REPAIR_ATTEMPTS,
          Options.TIMEOUT_HOURS,
          Options.MAX_FAILURE_RATE,
          Options.MAX_COST,
          Options.MAX_TOTAL_TOKENS,
          Options.RESUME,
          Options.RETRY_FAILED,
          Options.RERUN,
          Options.RESUME_STAGED,
          Options.RUN_ID,
          Options.METADATA,
          Options.JSON,
          Options.SUBMISSION);

  /** Failures that come before it is sure whose job the output folder holds. */
  private static final Set<ErrorCode> WITHOUT_JOB =
      Set.of(ErrorCode.USAGE, ErrorCode.INVALID_INPUT, ErrorCode.OUTPUT_MISMATCH);

  private Optional<String> givenOutput = Optional.empty();

  RunCommand() {
    super(
        "run",
        "Sends every request of the input and writes one result or error line per row. The same command again resumes.",
        OPTIONS);
  }

  @Override
  int call(Map<String, List<String>> given, Terminal terminal) throws Exception {
    givenOutput = given.getOrDefault(Options.OUTPUT.name(), List.of()).stream().findFirst();
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
      // The failure is told already; where its job cannot be read, no id is known.
      return Optional.empty();
    }
  }

  /** A scheduler that names its runs in the environment need not be told to name them again. */
  static ResolvedOptions withRunId(ResolvedOptions given, Map<String, String> environment) {
    Optional<String> scheduled =
        Optional.ofNullable(environment.get(AIRFLOW_RUN_ID)).filter(id -> !id.isBlank());
    return given.find(Options.RUN_ID).isPresent() || scheduled.isEmpty()
        ? given
        : given.with(Options.RUN_ID, scheduled.get(), AIRFLOW_RUN_ID);
  }

  @Override
  int run(ResolvedOptions resolved, Terminal terminal) {
    ResolvedOptions given = AnswerSchemaOption.resolved(withRunId(resolved, System.getenv()));
    Map<String, String> environment = System.getenv();
    List<String> inputs = given.require(Options.INPUT);
    String output = given.require(Options.OUTPUT);
    boolean simulate = given.get(Options.SIMULATE);
    if (!simulate && given.find(Options.BASE_URL).orElse(List.of()).isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "No endpoint is named. Give --base-url URL or --provider NAME, or --simulate to try things out.");
    }
    Optional<String> key = simulate ? Optional.empty() : ApiKeys.read(given, environment);
    Optional<JobRecord> over = alreadyOver(given, inputs, output);
    if (over.isPresent()) {
      if (given.get(Options.RERUN)) {
        terminal
            .err()
            .println(
                "The rerun under run id \"%s\" is over already; another --run-id begins anew."
                    .formatted(given.find(Options.RUN_ID).orElse("")));
      }
      terminal.err().println(ExistingJob.nothingSent(over.get()));
      tell(over.get(), given, terminal);
      return over.get().exitCode();
    }
    try (SparkContexts spark = SparkContexts.open(environment);
        Simulation simulation = Simulation.start(simulate, spark)) {
      ResolvedOptions options = simulation.applyTo(given);
      FileStores stores = new FileStores(spark.context()::hadoopConfiguration);
      String root = stores.qualify(output);
      JobRequest request =
          new JobRequest(
              options,
              RequestSecrets.of(options, key, environment),
              root,
              PriceTable.load(confFolder()));
      try (ProgressReport progress =
          new ProgressReport(
              terminal.err(),
              StandardStreams.areATerminal() && !options.get(Options.JSON),
              target(options))) {
        SparkBatchRunner runner =
            new SparkBatchRunner(
                spark.context(),
                request,
                new FileRequests(stores, inputs, options, root),
                progress);
        // Until all is told: the process ends as soon as the hook does.
        try (InterruptHook hook =
            new InterruptHook(
                runner,
                runner::requestsUnderWay,
                options.get(Options.DRAIN_TIMEOUT),
                progress::notice)) {
          JobRecord record = runner.run();
          progress.close();
          tell(record, options, terminal);
          return record.exitCode();
        }
      }
    }
  }

  /**
   * The record of a job that ended for good over unchanged files: nothing need be started to tell
   * it.
   */
  private static Optional<JobRecord> alreadyOver(
      ResolvedOptions options, List<String> inputs, String output) {
    FileStores stores = new FileStores(Configuration::new);
    String root = stores.qualify(output);
    if (!FileStores.isLocal(root)) {
      return Optional.empty();
    }
    JobFolder folder = new JobFolder(stores, root);
    Optional<JobRecord> record = ExistingJob.check(folder, options);
    if (record.isEmpty() || !ExistingJob.isOver(folder, record.get(), options)) {
      return Optional.empty();
    }
    Optional<Plan> plan = folder.readPlan();
    boolean unchanged =
        plan.isPresent()
            && ExistingJob.isUnchanged(plan.get(), InputFiles.of(stores, inputs, options).files());
    return unchanged ? record : Optional.empty();
  }

  /** Where requests go, of which lines may name another endpoint. */
  private static String target(ResolvedOptions options) {
    String path =
        options
            .find(Options.ENDPOINT)
            .flatMap(EndpointPaths::canonical)
            .orElse(EndpointPaths.CHAT_COMPLETIONS);
    List<String> bases = options.get(Options.BASE_URL);
    String more = bases.size() > 1 ? " and " + (bases.size() - 1) + " more" : "";
    return EndpointUrls.url(bases.get(0), path) + more;
  }

  private static void tell(JobRecord record, ResolvedOptions options, Terminal terminal) {
    terminal.err().println(Summary.of(record));
    terminal.err().flush();
    if (options.get(Options.JSON)) {
      terminal.out().println(JobJson.summary(record));
      terminal.out().flush();
    }
  }
}
