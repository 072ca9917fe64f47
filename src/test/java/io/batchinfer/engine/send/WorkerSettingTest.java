package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.engine.RunSpec;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.testing.InMemoryFiles;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What a process is told that works for a run. */
class WorkerSettingTest {
  private static WorkerSetting setting(String root, long epoch, String token, String process) {
    return new WorkerSetting(
        RunSpec.ofStrings(Map.of("base-url", "http://a:1"), "0".repeat(32), root),
        InMemoryFiles.filesystem(),
        epoch,
        token,
        message -> new CompletableFuture<>(),
        process);
  }

  @Test
  void workersOfOneRunShareWhatTheyHaveAndThoseOfOthersDoNot() {
    String key = setting("/out", 1, "t", "p").key();

    assertThat(setting("/out", 1, "t", "other process").key()).isEqualTo(key);
    assertThat(setting("/other", 1, "t", "p").key()).isNotEqualTo(key);
    assertThat(setting("/out", 2, "t", "p").key()).isNotEqualTo(key);
    assertThat(setting("/out", 1, "other", "p").key()).isNotEqualTo(key);
  }

  @Test
  void theDriversProcessIsNotMeasuredTwice() {
    assertThat(setting("/out", 1, "t", WorkerSetting.DRIVER).processors().get())
        .isSameAs(ProcessorTime.NONE);
    assertThat(setting("/out", 1, "t", "p").processors().get())
        .isNotNull()
        .isNotSameAs(ProcessorTime.NONE)
        .satisfies(busy -> assertThat(busy.offered()).isNotNegative());
  }
}
