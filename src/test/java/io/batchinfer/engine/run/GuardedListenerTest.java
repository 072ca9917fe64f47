package io.batchinfer.engine.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.job.RunListener;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GuardedListenerTest {
  private final List<Throwable> broken = new ArrayList<>();

  @Test
  void aListenerThatThrowsIsToldAllTheSame() {
    AtomicInteger told = new AtomicInteger();
    RunListener listener =
        new GuardedListener(
            new RunListener() {
              @Override
              public void notice(String message) {
                told.incrementAndGet();
                throw new IllegalStateException("scripted");
              }

              @Override
              public void finalizing() {
                told.incrementAndGet();
                throw new StackOverflowError("scripted");
              }
            },
            broken::add);

    listener.notice("one");
    listener.notice("two");
    listener.finalizing();

    assertThat(told).hasValue(3);
    assertThat(broken).isEmpty();
  }

  @Test
  void aProcessWithoutMemoryEndsTheRun() {
    OutOfMemoryError noMemory = new OutOfMemoryError("scripted");
    RunListener listener =
        new GuardedListener(
            new RunListener() {
              @Override
              public void finalizing() {
                throw noMemory;
              }
            },
            broken::add);

    listener.finalizing();

    assertThat(broken).containsExactly(noMemory);
  }
}
