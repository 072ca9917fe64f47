package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.testing.InMemoryFiles;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Tasks of one submission share what one of them found out of its engine. */
class EngineFailuresTest {
  private final EngineFailures failures = new EngineFailures();
  private final WorkerSetting setting =
      new WorkerSetting(
          RunSpec.ofStrings(Map.of("base-url", "http://a:1"), "0".repeat(32), "/out"),
          InMemoryFiles.filesystem(),
          1,
          "token",
          message -> new CompletableFuture<>(),
          "p");

  @Test
  void whatIsMadeIsGivenBack() throws InterruptedException {
    assertThat(failures.rethrown(setting, () -> "made")).isEqualTo("made");
  }

  @Test
  void whatAnotherThreadCouldNotMakeIsThrownAsItsOwn() {
    BatchException cause = new BatchException(ErrorCode.ENGINE_FAILED, "no engine");
    IllegalStateException other = new IllegalStateException("not of an engine");

    assertThatThrownBy(
            () ->
                failures.rethrown(
                    setting,
                    () -> {
                      throw new IllegalStateException("made elsewhere", cause);
                    }))
        .isSameAs(cause);
    assertThatThrownBy(
            () ->
                failures.rethrown(
                    setting,
                    () -> {
                      throw other;
                    }))
        .isSameAs(other);
  }
}
