package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.internal.ContextInternal;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class EventLoopsTest {
  @Test
  void hasAsManyDaemonThreadsAsAskedForAndEndsThem() throws InterruptedException {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    try (EventLoops loops = EventLoops.open(3)) {
      CountDownLatch turned = new CountDownLatch(3);
      for (ContextInternal context : loops.contexts()) {
        context
            .nettyEventLoop()
            .execute(
                () -> {
                  threads.add(Thread.currentThread());
                  turned.countDown();
                });
      }
      assertThat(turned.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
      assertThat(threads).hasSize(3).allMatch(Thread::isDaemon);
    }
    for (Thread thread : threads) {
      thread.join(LONG_ENOUGH.toMillis());
    }
    assertThat(threads).noneMatch(Thread::isAlive);
  }

  @Test
  void usesTheNativeTransportWhereItIsShipped() {
    boolean shipped =
        System.getProperty("os.name").equals("Linux")
            && System.getProperty("os.arch").equals("amd64");
    try (EventLoops loops = EventLoops.open(1)) {
      assertThat(loops.vertx().isNativeTransportEnabled()).isEqualTo(shipped);
    }
  }
}
