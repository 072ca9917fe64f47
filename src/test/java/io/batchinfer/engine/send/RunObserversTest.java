package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.model.Hash128;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.VirtualTime;
import io.batchinfer.watch.WorkObserver;
import io.batchinfer.watch.otlp.OtlpWorkObserver;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Who follows what a process does for a run. */
class RunObserversTest {
  private static WorkObserver observer(Map<String, List<String>> flags) {
    VirtualTime time = new VirtualTime();
    return RunObservers.of(
        new WorkerSetting(
            new RunSpec(OptionSources.builder().flags(flags).resolve(), Hash128.ZERO, "/out"),
            InMemoryFiles.filesystem(),
            1,
            "token",
            message -> new CompletableFuture<>(),
            "p"),
        new RunSecrets(new TreeMap<>(), new TreeMap<>()),
        "session",
        time,
        time.clock(),
        words -> {});
  }

  @Test
  void withoutACollectorNobodyIsTold() {
    assertThat(observer(Map.of("base-url", List.of("http://a:1")))).isSameAs(WorkObserver.NONE);
  }

  @Test
  void aCollectorThatTheOptionsNameIsTold() {
    try (WorkObserver observer =
        observer(
            Map.of(
                "base-url", List.of("http://a:1"),
                "otlp-endpoint", List.of("http://127.0.0.1:1")))) {
      assertThat(observer).isInstanceOf(OtlpWorkObserver.class);
    }
  }
}
