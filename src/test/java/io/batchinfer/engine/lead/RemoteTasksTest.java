package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.storage.StorageException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class RemoteTasksTest {
  private static CompletableFuture<String> failed(Throwable cause) {
    return CompletableFuture.failedFuture(cause);
  }

  @Test
  void whatATaskCameToIsItsResult() throws InterruptedException {
    assertThat(RemoteTasks.resultOf(CompletableFuture.completedFuture("done"))).isEqualTo("done");
  }

  @Test
  void itsFailureIsItsOwn() {
    StorageException full = new StorageException("Cannot write", new IOException("no space left"));

    assertThatThrownBy(() -> RemoteTasks.resultOf(failed(full))).isSameAs(full);
  }

  @Test
  void aFailureThatMayNotBeThrownIsNamed() {
    IOException away = new IOException("away");

    assertThatThrownBy(() -> RemoteTasks.resultOf(failed(away)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("away")
        .hasCause(away);
  }

  @Test
  void aTaskThatWasEndedInterrupts() {
    CompletableFuture<String> ended = new CompletableFuture<>();
    ended.cancel(true);

    assertThatThrownBy(() -> RemoteTasks.resultOf(ended)).isInstanceOf(InterruptedException.class);
  }
}
