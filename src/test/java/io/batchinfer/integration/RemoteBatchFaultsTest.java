package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.RefusingPort;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderFault;
import io.batchinfer.testing.provider.ProviderSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job by way of a provider's batches that meets faults, limits and refusals. */
class RemoteBatchFaultsTest extends SharedSpark {
  private static final int ROWS = 120;
  private static final int BATCH = 50;

  @TempDir Path directory;

  private RemoteRows rows() {
    return RemoteRows.write(directory.resolve("in.jsonl"), ROWS, 3);
  }

  private static ProviderSettings settings(ProviderDialect dialect) {
    return ProviderSettings.of(dialect).withLimits(ProviderSettings.Limits.USUAL.withLines(BATCH));
  }

  private CommandLineRun run(RemoteRows rows, FakeBatchProvider provider, String... more) {
    List<String> words = new ArrayList<>(List.of("--via", "batch"));
    words.addAll(List.of("--batch-api", provider.dialect().name().toLowerCase(Locale.ROOT)));
    words.addAll(List.of("--poll-interval", "20ms", "--max-poll-interval", "100ms"));
    words.addAll(List.of("--batch-lag", "1s", "--max-file-lines", Integer.toString(BATCH)));
    words.addAll(List.of(more));
    CommandLineRun run =
        new LocalRun(rows.input(), directory.resolve("out"), provider.url())
            .with(words.toArray(String[]::new));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(provider.ledger().creations()).doesNotContainKey("");
    assertThat(provider.ledger().creations().values()).allMatch(times -> times == 1);
    assertThat(provider.ledger().paidAgain()).isZero();
    return run;
  }

  private void runThrough(ProviderDialect dialect, FaultPlan faults) {
    RemoteRows rows = rows();
    try (FakeBatchProvider provider = FakeBatchProvider.start(settings(dialect), faults)) {
      CommandLineRun unused = run(rows, provider);
      rows.check(directory.resolve("out"));
      assertThat(provider.ledger().refusals()).allMatch(refusal -> refusal.startsWith("DELETE"));
      assertThat(provider.filesLeft()).isEmpty();
    }
  }

  /** The judge itself: what rows are answered does not depend on the way that they came. */
  @Test
  void rowsThatAreSentByThemselves() {
    RemoteRows rows = rows();
    Path output = directory.resolve("out");
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(settings(ProviderDialect.OPENAI), new FaultPlan(5))) {
      CommandLineRun run = new LocalRun(rows.input(), output, provider.url()).with();
      assertThat(run.exitCode()).as(run.err()).isZero();
      rows.check(output);
      assertThat(provider.ledger().interactive()).isEqualTo(rows.answerable());
    }
  }

  @Test
  void anAddressWhereNothingListensEndsTheRunSoon() throws Exception {
    RemoteRows rows = rows();
    try (RefusingPort nobody = new RefusingPort()) {
      CommandLineRun run =
          new LocalRun(rows.input(), directory.resolve("out"), nobody.url())
              .with("--via", "batch", "--batch-api", "openai");

      assertThat(run.exitCode()).as(run.err()).isEqualTo(1);
      assertThat(run.err()).contains("cannot be reached", "Check --base-url");
    }
  }

  /** What goes wrong at one stage of a batch's way; each fault strikes once. */
  private enum Stage {
    UPLOAD("UPLOAD_.*"),
    CREATION("CREATE_.*"),
    CALLS("(READ|DELETE)_.*"),
    BATCH("BATCH_.*"),
    RESULTS("RESULTS_.*|FILE_.*"),
    CONTENT("CONTENT_.*"),
    ROWS("ROW_.*");

    private final String names;

    Stage(String names) {
      this.names = names;
    }

    List<ProviderFault> faults() {
      return Stream.of(ProviderFault.values())
          .filter(fault -> fault.name().matches(names))
          .toList();
    }
  }

  @ParameterizedTest
  @EnumSource(Stage.class)
  void openAisBatchesMeetTheFaultsOfAStage(Stage stage) {
    FaultPlan faults = new FaultPlan(5);
    stage.faults().forEach(fault -> faults.next(fault, 1));
    runThrough(ProviderDialect.OPENAI, faults);
    assertThat(faults.struck().keySet()).containsAll(stage.faults());
  }

  @Test
  void mistralsJobsMeetAllFaults() {
    FaultPlan faults = new FaultPlan(5);
    for (ProviderFault fault : ProviderFault.values()) {
      faults.next(fault, 1);
    }
    runThrough(ProviderDialect.MISTRAL, faults);
    assertThat(faults.struck()).hasSize(ProviderFault.values().length);
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void noMoreIsPendingThanThereIsRoomFor(ProviderDialect dialect) {
    RemoteRows rows = rows();
    ProviderSettings.Limits limits =
        ProviderSettings.Limits.USUAL.withLines(BATCH).withPendingRequests(BATCH + 10);
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(
            ProviderSettings.of(dialect).withLimits(limits), new FaultPlan(5))) {
      CommandLineRun unused = run(rows, provider);
      rows.check(directory.resolve("out"));
      assertThat(provider.ledger().mostPendingRequests()).isBetween(1L, BATCH + 10L);
      assertThat(provider.filesLeft()).isEmpty();
    }
  }

  @Test
  void aBatchThatNeverHasRoomIsMadeSmaller() {
    RemoteRows rows = rows();
    ProviderSettings.Limits limits =
        ProviderSettings.Limits.USUAL.withLines(BATCH).withPendingTokens(700);
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(
            ProviderSettings.of(ProviderDialect.OPENAI).withLimits(limits), new FaultPlan(5))) {
      CommandLineRun unused = run(rows, provider);
      rows.check(directory.resolve("out"));
      assertThat(provider.ledger().mostPendingTokens()).isBetween(1L, 700L);
      assertThat(provider.filesLeft()).isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(ProviderDialect.class)
  void rowsOfAnExpiredBatchAreSentByThemselves(ProviderDialect dialect) {
    RemoteRows rows = rows();
    FaultPlan faults = new FaultPlan(5).next(ProviderFault.BATCH_EXPIRES, 2);
    try (FakeBatchProvider provider = FakeBatchProvider.start(settings(dialect), faults)) {
      CommandLineRun unused = run(rows, provider, "--then", "interactive");
      rows.check(directory.resolve("out"));
      assertThat(provider.ledger().interactive()).isPositive();
      assertThat(provider.ledger().runs()).hasSize(rows.answerable());
      assertThat(provider.filesLeft()).isEmpty();
    }
  }

  @Test
  void filesStayWhereTheyAreWanted() {
    RemoteRows rows = rows();
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(settings(ProviderDialect.OPENAI), new FaultPlan(5))) {
      CommandLineRun unused = run(rows, provider, "--keep-remote-files");
      assertThat(provider.filesLeft())
          .hasSizeGreaterThanOrEqualTo(2 * provider.ledger().creations().size());
    }
  }

  /** One line that a provider does not take keeps the others of its batch from nothing. */
  @Test
  void onlyTheLinesThatAreRefusedFail() {
    AtomicInteger number = new AtomicInteger();
    RemoteRows rows =
        RemoteRows.write(
            directory.resolve("in.jsonl"),
            ROWS,
            3,
            body -> {
              if (number.incrementAndGet() % 30 == 0) {
                body.putArray("messages");
              }
            });
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(settings(ProviderDialect.OPENAI), new FaultPlan(5))) {
      CommandLineRun unused = run(rows, provider);
      Map<String, JsonNode> errors = CountingServer.byId(directory.resolve("out/errors"));
      Map<String, JsonNode> results = CountingServer.byId(directory.resolve("out/results"));
      rows.bodies()
          .forEach(
              (id, body) -> {
                boolean fails = body.path("messages").isEmpty() || RemoteRows.isRefused(body);
                assertThat(errors.containsKey(id)).as("%s %s", id, body).isEqualTo(fails);
                assertThat(results.containsKey(id)).as("%s %s", id, body).isEqualTo(!fails);
                if (body.path("messages").isEmpty()) {
                  assertThat(String.valueOf(errors.get(id))).contains("Messages parameter");
                }
              });
      assertThat(provider.filesLeft()).isEmpty();
    }
  }
}
