package io.batchinfer.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadWaitsTest {
  @TempDir private Path threads;

  private void thread(String id, String says) throws IOException {
    Files.writeString(Files.createDirectory(threads.resolve(id)).resolve("schedstat"), says);
  }

  @Test
  void addsUpWhatAllThreadsHaveWaited() throws IOException {
    thread("1", "900 70 5\n");
    thread("2", "10 8 1\n");
    // It has ended while they were read.
    Files.createDirectory(threads.resolve("3"));
    thread("4", "");

    assertThat(ThreadWaits.nanos(threads)).isEqualTo(78);
  }

  @Test
  void whereThePlatformDoesNotTellItIsNotKnown() throws IOException {
    assertThat(ThreadWaits.nanos(threads.resolve("none"))).isNegative();
    Files.createDirectory(threads.resolve("1"));
    assertThat(ThreadWaits.nanos(threads)).isNegative();
  }
}
