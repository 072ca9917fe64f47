package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import io.batchinfer.testing.provider.FakeBatchProvider;
import io.batchinfer.testing.provider.FaultPlan;
import io.batchinfer.testing.provider.ProviderDialect;
import io.batchinfer.testing.provider.ProviderFault;
import io.batchinfer.testing.provider.ProviderSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job by way of a provider's batches that meets each fault by itself. */
class RemoteBatchFaultsTest extends SharedSpark {
  private static final int ROWS = 120;
  private static final int BATCH = 50;

  @TempDir Path directory;

  private void run(ProviderDialect dialect, FaultPlan faults, String... more) {
    RemoteRows rows = RemoteRows.write(directory.resolve("in.jsonl"), ROWS, 3);
    ProviderSettings settings =
        ProviderSettings.of(dialect).withLimits(ProviderSettings.Limits.USUAL.withLines(BATCH));
    try (FakeBatchProvider provider = FakeBatchProvider.start(settings, faults)) {
      Path output = directory.resolve("out");
      List<String> words = new ArrayList<>(List.of("--via", "batch"));
      words.addAll(
          List.of("--batch-api", dialect == ProviderDialect.OPENAI ? "openai" : "mistral"));
      words.addAll(List.of("--poll-interval", "20ms", "--max-poll-interval", "100ms"));
      words.addAll(List.of("--batch-lag", "1s"));
      words.addAll(List.of("--max-file-lines", Integer.toString(BATCH)));
      words.addAll(List.of(more));
      CommandLineRun run =
          new LocalRun(rows.input(), output, provider.url()).with(words.toArray(String[]::new));
      assertThat(run.exitCode()).as(run.err()).isZero();
      rows.check(output);
      assertThat(provider.ledger().creations()).doesNotContainKey("");
      assertThat(provider.ledger().creations().values()).allMatch(times -> times == 1);
      assertThat(provider.ledger().paidAgain()).isZero();
      assertThat(provider.ledger().refusals()).allMatch(refusal -> refusal.startsWith("DELETE"));
      assertThat(provider.filesLeft()).isEmpty();
    }
  }

  /** The judge itself: what rows are answered does not depend on the way that they came. */
  @Test
  void rowsThatAreSentByThemselves() {
    RemoteRows rows = RemoteRows.write(directory.resolve("in.jsonl"), ROWS, 3);
    Path output = directory.resolve("out");
    try (FakeBatchProvider provider =
        FakeBatchProvider.start(ProviderSettings.of(ProviderDialect.OPENAI), new FaultPlan(5))) {
      CommandLineRun run = new LocalRun(rows.input(), output, provider.url()).with();
      assertThat(run.exitCode()).as(run.err()).isZero();
      rows.check(output);
      assertThat(provider.ledger().interactive()).isEqualTo(rows.answerable());
    }
  }

  @ParameterizedTest
  @EnumSource(ProviderFault.class)
  void openAisBatches(ProviderFault fault) {
    FaultPlan faults = new FaultPlan(5).next(fault, 2);
    run(ProviderDialect.OPENAI, faults);
    assertThat(faults.struck()).containsEntry(fault, 2);
  }

  @ParameterizedTest
  @EnumSource(ProviderFault.class)
  void mistralsJobs(ProviderFault fault) {
    FaultPlan faults = new FaultPlan(5).next(fault, 2);
    run(ProviderDialect.MISTRAL, faults);
    assertThat(faults.struck()).containsEntry(fault, 2);
  }
}
