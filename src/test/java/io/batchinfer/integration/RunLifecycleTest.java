package io.batchinfer.integration;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.engine.JobRequest;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.run.FileRequests;
import io.batchinfer.engine.run.JobRun;
import io.batchinfer.estimate.PriceTable;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobRecord;
import io.batchinfer.model.JobStatus;
import io.batchinfer.model.Plan;
import io.batchinfer.simulator.Fault;
import io.batchinfer.simulator.SimulatedEndpoint;
import io.batchinfer.simulator.SimulatorSettings;
import io.batchinfer.spark.SparkCluster;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.RefusingPort;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.zip.GZIPOutputStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a job ends, and what the same command does the next time. */
class RunLifecycleTest extends SharedSpark {
  private static final int ROWS = 400;
  private static final int CAREFUL = 4;

  @TempDir Path directory;
  private SimulatedEndpoint endpoint;
  private LocalRun job;

  @BeforeEach
  void prepare() throws IOException {
    endpoint = SimulatedEndpoint.start(SimulatorSettings.defaults());
    Path input = Requests.chat(directory.resolve("requests.jsonl"), ROWS, 5);
    job = LocalRun.of(input, directory.resolve("out"), endpoint);
  }

  @AfterEach
  void stop() {
    endpoint.close();
  }

  private CommandLineRun run(String... more) {
    List<String> words = new ArrayList<>(List.of(more));
    words.addAll(List.of("--split-bytes", "16kB"));
    return job.with(words.toArray(String[]::new));
  }

  /** Makes every answer take so long that a run of some seconds can be met in its middle. */
  private void slowDown() {
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(200)));
  }

  private void speedUp() {
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ZERO));
  }

  private void awaitAnswers(int answers) {
    Eventually.await(
        answers + " answers",
        LONG_ENOUGH,
        () -> endpoint.statistics().ok() >= answers,
        () -> endpoint.statistics().toString());
  }

  private JobFolder folder() {
    FileStores stores = new FileStores(Configuration::new);
    return new JobFolder(stores, stores.qualify(job.output().toString()));
  }

  private JobRun runner(String... flagsAndValues) {
    return runner(RunListener.SILENT, flagsAndValues);
  }

  private JobRun runner(RunListener listener, String... flagsAndValues) {
    Map<String, List<String>> flags = new TreeMap<>();
    flags.put("input", List.of(job.input().toString()));
    flags.put("output", List.of(job.output().toString()));
    flags.put("base-url", List.of(job.baseUrl()));
    flags.put("split-bytes", List.of("16kB"));
    for (int i = 0; i < flagsAndValues.length; i += 2) {
      flags.put(flagsAndValues[i], List.of(flagsAndValues[i + 1]));
    }
    ResolvedOptions options = OptionSources.builder().flags(flags).resolve();
    JobRequest request =
        new JobRequest(
            options,
            new RunSecrets(new TreeMap<>(), new TreeMap<>()),
            folder().root(),
            PriceTable.parse("none", List.of()));
    FileRequests source =
        new FileRequests(
            new FileStores(jsc()::hadoopConfiguration),
            List.of(job.input().toString()),
            request.options(),
            request.root());
    return new JobRun(new SparkCluster(jsc()), request, source, listener);
  }

  private static <T> CompletableFuture<T> inTheBackground(Supplier<T> work) {
    return CompletableFuture.supplyAsync(work, task -> new Thread(task, "second-run").start());
  }

  private void assertEveryRowSentOnceAndAnswered() {
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
    assertThat(endpoint.statistics().distinctBodies()).isEqualTo(ROWS);
    assertThat(endpoint.statistics().repeatsAfterSuccess()).isZero();
    assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    assertThat(LocalRun.rows(job.errors())).isEmpty();
    assertThat(job.output().resolve("_SUCCESS")).exists();
  }

  @Test
  void theSameCommandAgainSendsNothingAndTellsTheSame() throws IOException {
    CommandLineRun first = run("--json");
    String results = Parts.text(job.results());
    FileTime written = Files.getLastModifiedTime(job.output().resolve("job.json"));

    CommandLineRun second = run("--json");

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(second.exitCode()).as(second.err()).isZero();
    assertThat(second.out()).isEqualTo(first.out());
    String said = "This job was over before (completed); nothing was sent.";
    assertThat(second.err()).startsWith(said);
    // What to do next time is told by the run alone that it follows from.
    assertThat(first.err()).contains(second.err().substring(second.err().indexOf("Job batch_")));
    assertThat(second.err()).doesNotContain("Next time:");
    assertThat(Parts.text(job.results())).isEqualTo(results);
    assertThat(Files.getLastModifiedTime(job.output().resolve("job.json"))).isEqualTo(written);
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void anInterruptedRunGoesOnWithOtherLimitsAndSendsEachRowOnce() {
    slowDown();
    JobRun runner = runner("concurrency", "8");
    CompletableFuture<JobRecord> running = inTheBackground(runner::run);
    awaitAnswers(30);
    runner.interrupt(143);
    JobRecord interrupted = running.join();
    long sentBefore = endpoint.statistics().received();
    speedUp();

    CommandLineRun resumed = run("--concurrency", "3", "--max-attempts", "2");

    assertThat(interrupted.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(interrupted.exitCode()).isEqualTo(143);
    assertThat(interrupted.counts().succeeded()).isEqualTo(sentBefore).isBetween(30L, ROWS - 1L);
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertThat(job.record().path("resumed_requests").asLong()).isEqualTo(sentBefore);
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void anotherModelOnTheSameOutputIsRefusedWithBothNames() {
    run("--model", "m");
    String results = Parts.text(job.results());

    CommandLineRun refused = run("--model", "n", "--model-override");

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.OUTPUT_MISMATCH.exitCode());
    assertThat(refused.err()).contains("model was \"m\" and is \"n\"", "--rerun");
    assertThat(Parts.text(job.results())).isEqualTo(results);
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void changedInputIsRefusedAndNothingIsTouched() throws IOException {
    run();
    String results = Parts.text(job.results());
    Files.writeString(job.input(), Requests.line(ROWS, "one more"), StandardOpenOption.APPEND);

    CommandLineRun refused = run();

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.OUTPUT_MISMATCH.exitCode());
    assertThat(refused.err()).contains("the content of", "requests.jsonl", "has changed");
    assertThat(Parts.text(job.results())).isEqualTo(results);
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void anInputThatWasOnlyTouchedIsTheSameJob() throws IOException {
    run();
    Files.setLastModifiedTime(job.input(), FileTime.fromMillis(1_000_000_000_000L));

    CommandLineRun again = run();

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void rerunSendsEverythingAgainAndCountsAGeneration() {
    run();
    String results = Parts.text(job.results());

    CommandLineRun again = run("--rerun");

    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(2 * ROWS);
    assertThat(job.record().path("generation").asInt()).isEqualTo(2);
    assertThat(Parts.text(job.results())).isEqualTo(results);
  }

  @Test
  void aRerunThatWasInterruptedGoesOnWhenItsCommandIsGivenAgain() {
    run();
    slowDown();
    JobRun rerun = runner("concurrency", "8", "rerun", "true");
    CompletableFuture<JobRecord> running = inTheBackground(rerun::run);
    awaitAnswers(ROWS + 30);
    rerun.interrupt(143);
    JobRecord interrupted = running.join();
    speedUp();

    CommandLineRun again = run("--rerun");
    CommandLineRun anew = run("--rerun");

    assertThat(interrupted.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("The rerun has begun already");
    assertThat(anew.exitCode()).as(anew.err()).isZero();
    assertThat(job.record().path("generation").asInt()).isEqualTo(3);
    assertThat(endpoint.statistics().received()).isEqualTo(3 * ROWS);
  }

  @Test
  void aRerunUnderTheSameRunIdHappensOnce() {
    CommandLineRun first = run("--rerun", "--run-id", "2026-11-21");
    CommandLineRun triedAgain = run("--rerun", "--run-id", "2026-11-21");
    long afterTheFirst = endpoint.statistics().received();
    CommandLineRun nextDay = run("--rerun", "--run-id", "2026-11-22");

    assertThat(first.exitCode()).as(first.err()).isZero();
    assertThat(triedAgain.exitCode()).as(triedAgain.err()).isZero();
    assertThat(triedAgain.err()).contains("2026-11-21", "is over already");
    assertThat(afterTheFirst).isEqualTo(ROWS);
    assertThat(nextDay.exitCode()).as(nextDay.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(2 * ROWS);
    assertThat(job.record().path("generation").asInt()).isEqualTo(2);
    assertThat(job.record().path("rerun").asText()).isEqualTo("2026-11-22");
  }

  @Test
  void aRerunOverChangedInputReplacesTheJobAndOverInvalidInputTouchesNothing() throws IOException {
    run();
    String results = Parts.text(job.results());
    Files.writeString(job.input(), "not json\n", StandardOpenOption.APPEND);

    CommandLineRun refused = run("--rerun");
    String untouched = Parts.text(job.results());
    Files.writeString(job.input(), Requests.line(1, "another job"));
    CommandLineRun replaced = run("--rerun");

    assertThat(refused.exitCode()).as(refused.err()).isEqualTo(2);
    assertThat(untouched).isEqualTo(results);
    assertThat(replaced.exitCode()).as(replaced.err()).isZero();
    assertThat(Parts.ids(job.results())).hasSize(1);
    assertThat(job.record().path("generation").asInt()).isEqualTo(2);
  }

  @Test
  void failedRowsRunAgainAndOnlyThey() {
    endpoint.setFault(Fault.HTTP_400, 0.2);
    CommandLineRun failed = run("--max-failure-rate", "0.05");
    int failedRows = LocalRun.rows(job.errors()).size();
    long tokens = job.record().path("prompt_tokens").asLong();
    endpoint.setFault(Fault.HTTP_400, 0);

    CommandLineRun retried = run("--retry-failed", "--json");
    CommandLineRun verified = CommandLineRun.of("verify", job.output().toString());
    CommandLineRun nothingLeft = run("--retry-failed");

    assertThat(failed.exitCode()).as(failed.err()).isEqualTo(3);
    assertThat(failedRows).isBetween(1, ROWS / 2);
    assertThat(retried.exitCode()).as(retried.err()).isZero();
    assertThat(verified.exitCode()).as(verified.err()).isZero();
    assertThat(nothingLeft.exitCode()).as(nothingLeft.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS + failedRows);
    assertThat(endpoint.statistics().repeatsAfterSuccess()).isZero();
    assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    assertThat(LocalRun.rows(job.errors())).isEmpty();
    assertThat(job.output().resolve("_SUCCESS")).exists();
    assertThat(job.record().path("attempts").asLong()).isEqualTo(ROWS + failedRows);
    assertThat(job.record().path("prompt_tokens").asLong()).isGreaterThanOrEqualTo(tokens);
    assertThat(job.record().path("resumed_requests").asLong()).isEqualTo(ROWS - failedRows);
  }

  @Test
  void aRetryThatIsInterruptedGoesOnWithThePlainCommand() {
    endpoint.setFault(Fault.HTTP_400, 0.3);
    run("--max-failure-rate", "1");
    int failedRows = LocalRun.rows(job.errors()).size();
    endpoint.setFault(Fault.HTTP_400, 0);
    slowDown();
    JobRun retry = runner("concurrency", "4", "retry-failed", "true");
    CompletableFuture<JobRecord> running = inTheBackground(retry::run);
    awaitAnswers(ROWS - failedRows + 20);
    retry.interrupt(130);
    JobRecord interrupted = running.join();
    boolean marked = Files.exists(job.output().resolve("_SUCCESS"));
    CommandLineRun tooEarly = CommandLineRun.of("verify", job.output().toString());
    speedUp();

    CommandLineRun last = run();

    assertThat(interrupted.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(interrupted.counts().settled()).isBetween(ROWS - failedRows + 20L, ROWS - 1L);
    assertThat(marked).isFalse();
    assertThat(tooEarly.err()).contains("is not over");
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS + failedRows);
    assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    assertThat(job.output().resolve("_SUCCESS")).exists();
  }

  @Test
  void aRetryOverCompressedInputUnpacksItAgain() throws IOException {
    Path packed = directory.resolve("requests.jsonl.gz");
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(Files.readAllBytes(job.input()));
    }
    job = new LocalRun(packed, job.output(), job.baseUrl());
    endpoint.setFault(Fault.HTTP_400, 0.2);
    CommandLineRun failed = run("--max-failure-rate", "0.05");
    endpoint.setFault(Fault.HTTP_400, 0);

    CommandLineRun retried = run("--retry-failed");

    assertThat(failed.exitCode()).as(failed.err()).isEqualTo(3);
    assertThat(retried.exitCode()).as(retried.err()).isZero();
    assertThat(Parts.ids(job.results())).isEqualTo(Requests.ids(ROWS));
    assertThat(job.output().resolve("_plan/staged")).doesNotExist();
  }

  @Test
  void aWrongKeyCostsAFewRequestsAndTheRightOneCompletes() throws IOException {
    endpoint.change(settings -> settings.requiredApiKey("sk-the-right-one"));
    Path key = Files.writeString(directory.resolve("key"), "sk-a-wrong-one");

    CommandLineRun refused = run("--api-key-file", key.toString());
    long wasted = endpoint.statistics().received();
    Files.writeString(key, "sk-the-right-one");
    endpoint.reset();
    CommandLineRun accepted = run("--api-key-file", key.toString());

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.AUTHENTICATION_FAILED.exitCode());
    assertThat(refused.err())
        .contains("does not accept the key", key.toString())
        .doesNotContain("sk-a-wrong-one");
    assertThat(wasted).isBetween(1L, (long) CAREFUL);
    assertThat(accepted.exitCode()).as(accepted.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void anUnknownModelCostsAFewRequests() {
    endpoint.change(settings -> settings.models(List.of("another")));

    CommandLineRun refused = run();
    long wasted = endpoint.statistics().received();
    endpoint.change(settings -> settings.models(List.of("m")));
    endpoint.reset();
    CommandLineRun accepted = run();

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.MODEL_NOT_FOUND.exitCode());
    assertThat(refused.err()).contains("answered 404", "--model");
    assertThat(wasted).isBetween(1L, (long) CAREFUL);
    assertThat(accepted.exitCode()).as(accepted.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void refusalsAmongTheFirstRowsDoNotStopTheOthers() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      boolean refused = i < 4;
      lines.append(Requests.line(i, refused ? "[[fault:%s]]".formatted(refusal(i)) : "fine"));
    }
    Files.writeString(job.input(), lines);

    CommandLineRun run = run();

    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Parts.ids(job.errors())).isEqualTo(Requests.ids(4));
    assertThat(Parts.ids(job.results())).hasSize(ROWS - 4);
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
  }

  private static String refusal(int row) {
    return row % 2 == 0 ? "model_not_found" : "http_403";
  }

  @Test
  void anUnreachableHostStopsTheJobAndAnotherAddressCompletesIt() throws IOException {
    LocalRun right = job;
    CommandLineRun refused;
    int closed;
    try (RefusingPort port = new RefusingPort()) {
      closed = port.number();
      job = new LocalRun(job.input(), job.output(), port.url());
      refused = run("--max-attempts", "2");
    }
    job = right;
    CommandLineRun accepted = run();

    assertThat(refused.exitCode()).isEqualTo(ErrorCode.HOST_UNREACHABLE.exitCode());
    assertThat(refused.err()).contains("127.0.0.1:" + closed, "cannot be reached", "--base-url");
    assertThat(accepted.exitCode()).as(accepted.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aCancelledJobStaysSoUntilResumeRunsWhatIsOpen() {
    slowDown();
    CompletableFuture<CommandLineRun> running = inTheBackground(() -> run("--concurrency", "8"));
    awaitAnswers(20);
    folder().requestCancel();
    CommandLineRun cancelled = running.join();
    long succeeded = job.record().path("succeeded_requests").asLong();
    List<JsonNode> errors = LocalRun.rows(job.errors());
    int results = LocalRun.rows(job.results()).size();
    speedUp();

    CommandLineRun again = run();
    long sentAgain = endpoint.statistics().received() - succeeded;
    CommandLineRun resumed = run("--resume");

    assertThat(cancelled.exitCode()).as(cancelled.err()).isEqualTo(4);
    assertThat(errors)
        .isNotEmpty()
        .allSatisfy(
            row ->
                assertThat(row.path("error").path("code").asText())
                    .isEqualTo(ErrorCode.BATCH_CANCELLED.code()));
    assertThat(results + errors.size()).isEqualTo(ROWS);
    assertThat(succeeded).isEqualTo(results);
    assertThat(again.exitCode()).isEqualTo(4);
    assertThat(sentAgain).isZero();
    assertThat(resumed.exitCode()).as(resumed.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aResumeThatIsInterruptedItselfGoesOnWithoutBeingToldAgain() {
    slowDown();
    CompletableFuture<CommandLineRun> running = inTheBackground(() -> run("--concurrency", "8"));
    awaitAnswers(20);
    folder().requestCancel();
    CommandLineRun cancelled = running.join();
    JobRun resuming = runner("concurrency", "8", "resume", "true");
    long answered = endpoint.statistics().ok();
    CompletableFuture<JobRecord> resumed = inTheBackground(resuming::run);
    awaitAnswers((int) answered + 20);
    resuming.interrupt(130);
    JobRecord interrupted = resumed.join();
    speedUp();

    CommandLineRun last = run();

    assertThat(cancelled.exitCode()).as(cancelled.err()).isEqualTo(4);
    assertThat(interrupted.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(last.exitCode()).as(last.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aJobWhoseTimeRanOutStaysSoUntilItGetsMore() {
    slowDown();
    CommandLineRun expired = run("--timeout-hours", "0.0004", "--concurrency", "8");
    long answered = endpoint.statistics().received();
    List<JsonNode> errors = LocalRun.rows(job.errors());
    int results = LocalRun.rows(job.results()).size();
    speedUp();

    CommandLineRun again = run("--timeout-hours", "0.0004");
    long sentAgain = endpoint.statistics().received() - answered;
    CommandLineRun withMoreTime = run("--timeout-hours", "1");

    assertThat(expired.exitCode()).as(expired.err()).isEqualTo(5);
    assertThat(errors)
        .isNotEmpty()
        .allSatisfy(
            row ->
                assertThat(row.path("error").path("code").asText())
                    .isEqualTo(ErrorCode.BATCH_EXPIRED.code()));
    assertThat(results + errors.size()).isEqualTo(ROWS);
    assertThat(again.exitCode()).as(again.err()).isEqualTo(5);
    assertThat(sentAgain).isZero();
    assertThat(withMoreTime.exitCode()).as(withMoreTime.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aJobWhoseRequestsAllFailIsStoppedAndCanBeMended() {
    endpoint.setFault(Fault.HTTP_400, 1);
    slowDown();
    CommandLineRun stopped = run("--concurrency", "16");
    int exitCodeInRecord = job.record().path("exit_code").asInt();
    long sent = endpoint.statistics().received();
    CommandLineRun again = run("--concurrency", "16");
    long sentAgain = endpoint.statistics().received() - sent;
    endpoint.setFault(Fault.HTTP_400, 0);
    speedUp();

    CommandLineRun rest = run("--retry-failed");
    CommandLineRun failedOnes = run("--retry-failed");

    assertThat(stopped.exitCode()).as(stopped.err()).isEqualTo(3);
    assertThat(exitCodeInRecord).isEqualTo(3);
    assertThat(stopped.err()).contains("have failed and none has succeeded");
    assertThat(sent).isBetween(100L, ROWS - 1L);
    assertThat(again.exitCode()).as(again.err()).isEqualTo(3);
    assertThat(sentAgain).isZero();
    assertThat(rest.err()).contains("goes on with its open rows");
    assertThat(failedOnes.exitCode()).as(failedOnes.err()).isZero();
    assertThat(LocalRun.rows(job.results())).hasSize(ROWS);
    assertThat(endpoint.statistics().received()).isEqualTo(sent + ROWS);
  }

  @Test
  void aTokenCapHoldsOverAllRunsUntilItIsRaised() {
    slowDown();
    CommandLineRun capped = run("--max-total-tokens", "2000", "--concurrency", "8");
    long answered = endpoint.statistics().received();
    speedUp();

    CommandLineRun again = run("--max-total-tokens", "2000");
    long sentAgain = endpoint.statistics().received() - answered;
    CommandLineRun raised = run("--max-total-tokens", "10000000");

    assertThat(capped.exitCode()).as(capped.err()).isEqualTo(6);
    assertThat(capped.err()).contains("when the cap --max-total-tokens of 2000 was reached");
    assertThat(answered).isBetween(1L, ROWS - 1L);
    assertThat(again.exitCode()).as(again.err()).isEqualTo(6);
    assertThat(sentAgain).isZero();
    assertThat(raised.exitCode()).as(raised.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void tooManyFailuresAreAnEndOfTheirOwn() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 0; i < ROWS; i++) {
      lines.append(Requests.line(i, i % 10 == 0 ? "[[fault:http_400]]" : "fine"));
    }
    Files.writeString(job.input(), lines);

    CommandLineRun failed = run("--max-failure-rate", "0.05");
    CommandLineRun again = run("--max-failure-rate", "0.05");

    assertThat(failed.exitCode()).as(failed.err()).isEqualTo(3);
    assertThat(failed.err()).contains("40 of 400 rows failed", "--max-failure-rate");
    assertThat(job.output().resolve("_SUCCESS")).doesNotExist();
    assertThat(again.exitCode()).isEqualTo(3);
    assertThat(endpoint.statistics().received()).isEqualTo(ROWS);
    assertThat(LocalRun.rows(job.results())).hasSize(360);
    assertThat(LocalRun.rows(job.errors())).hasSize(40);
  }

  @Test
  void ofTwoRunsAtOnceOneIsTurnedAway() {
    slowDown();
    CompletableFuture<CommandLineRun> first = inTheBackground(() -> run("--concurrency", "4"));
    awaitAnswers(4);

    CommandLineRun second = run();
    boolean firstWasStillRunning = !first.isDone();
    speedUp();

    assertThat(firstWasStillRunning).isTrue();
    assertThat(second.exitCode())
        .as(second.err())
        .isEqualTo(ErrorCode.OWNED_BY_ANOTHER_RUN.exitCode());
    assertThat(second.err()).contains("owned by another live run", "--take-over");
    assertThat(first.join().exitCode()).as(first.join().err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void theRecordOfALiveRunCountsWhatIsSettledThoughNothingIsPublished() {
    endpoint.change(settings -> settings.timeToFirstToken(Duration.ofMillis(250)));
    CompletableFuture<CommandLineRun> run =
        CompletableFuture.supplyAsync(() -> job.with("--concurrency", "4", "--split-bytes", "1MB"));
    Eventually.await(
        "a record with settled rows",
        LONG_ENOUGH,
        () -> folder().readRecord().map(now -> now.counts().settled() > 0).orElse(false),
        () -> folder().readRecord().toString());

    JobRecord record = folder().readRecord().orElseThrow();
    assertThat(record.status()).isEqualTo(JobStatus.RUNNING);
    assertThat(folder().commits().splits()).isEmpty();
    assertThat(record.counts().succeeded()).isBetween(1L, endpoint.statistics().ok());
    assertThat(record.counts().attempts()).isGreaterThanOrEqualTo(record.counts().succeeded());
    assertThat(record.counts().usage().completionTokens()).isPositive();
    // Four at a time take at least a quarter of a second; how much longer is the machine's matter.
    assertThat(record.requestsPerSecond()).isPositive().isLessThan(16.5);

    speedUp();
    assertThat(run.join().exitCode()).isZero();
    assertThat(folder().readRecord().orElseThrow().counts().succeeded()).isEqualTo(ROWS);
  }

  @Test
  void twoOutputsOfOneInputAreTwoJobsWithTheSameResultIds() {
    LocalRun other = LocalRun.of(job.input(), directory.resolve("other"), endpoint);
    assertThat(run().exitCode()).isZero();
    assertThat(other.with("--split-bytes", "16kB").exitCode()).isZero();

    assertThat(other.record().path("job_id")).isNotEqualTo(job.record().path("job_id"));
    assertThat(LocalRun.rows(other.results()))
        .extracting(row -> row.path("id").asText())
        .containsExactlyElementsOf(
            LocalRun.rows(job.results()).stream().map(row -> row.path("id").asText()).toList());
  }

  @Test
  void aRunThatCannotBeginLeavesARecordThatSaysWhy() {
    String missing = directory.resolve("missing.pem").toString();
    CommandLineRun first = run("--ca-file", missing);

    assertThat(first.exitCode()).as(first.err()).isEqualTo(ErrorCode.USAGE.exitCode());
    JobRecord record = folder().readRecord().orElseThrow();
    assertThat(record.status()).isEqualTo(JobStatus.STOPPED);
    assertThat(record.exitCode()).isEqualTo(ErrorCode.USAGE.exitCode());
    assertThat(record.message()).contains(missing, "--ca-file");
    assertThat(endpoint.statistics().received()).isZero();

    CommandLineRun again = run();
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aListenerThatThrowsEndsNoRun() {
    RunListener broken =
        new RunListener() {
          @Override
          public void planned(Plan plan, long resumedRows) {
            throw new IllegalStateException("scripted");
          }

          @Override
          public void progress(RunProgress progress) {
            throw new StackOverflowError("scripted");
          }

          @Override
          public void finalizing() {
            throw new IllegalStateException("scripted");
          }
        };

    assertThat(runner(broken).run().status()).isEqualTo(JobStatus.COMPLETED);
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aDriverWithoutMemoryEndsTheRunAsItsRecordSays() {
    slowDown();
    RunListener broken =
        new RunListener() {
          @Override
          public void progress(RunProgress progress) {
            throw new OutOfMemoryError("scripted");
          }
        };

    JobRecord record = runner(broken).run();

    assertThat(record.status()).isEqualTo(JobStatus.INTERRUPTED);
    assertThat(record.exitCode()).isEqualTo(ErrorCode.INTERNAL.exitCode());
    assertThat(record.message()).contains("OutOfMemoryError", "goes on");
    assertThat(folder().readRecord().orElseThrow().status()).isEqualTo(JobStatus.INTERRUPTED);
    speedUp();
    assertThat(run().exitCode()).isZero();
    assertEveryRowSentOnceAndAnswered();
  }

  @Test
  void aJobKeepsTheIdThatItHasWhenARunGoesOnWithIt() throws IOException {
    slowDown();
    CompletableFuture<CommandLineRun> first =
        CompletableFuture.supplyAsync(() -> run("--max-total-tokens", "3000"));
    assertThat(first.join().exitCode()).isEqualTo(6);
    String former = "batch_" + "1234".repeat(8);
    Path record = job.output().resolve("job.json");
    Files.writeString(
        record, Files.readString(record).replace(job.record().path("job_id").asText(), former));
    speedUp();

    assertThat(run().exitCode()).isZero();

    assertThat(job.record().path("job_id").asText()).isEqualTo(former);
  }
}
