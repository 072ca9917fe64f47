package io.batchinfer.client.http;

import io.netty.channel.EventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.internal.VertxInternal;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The network threads of a process; several transports may share them. Thread-safe. */
public final class EventLoops implements AutoCloseable {
  private static final int LOOKUP_THREADS = 4;
  private static final long CLOSE_TIMEOUT_SECONDS = 10;

  private final VertxInternal vertx;
  private final List<ContextInternal> contexts = new ArrayList<>();

  private EventLoops(VertxInternal vertx) {
    this.vertx = vertx;
    for (EventExecutor executor : vertx.nettyEventLoopGroup()) {
      contexts.add(vertx.contextBuilder().withEventLoop((EventLoop) executor).build());
    }
  }

  /** Starts that many daemon threads, on the native transport where there is one. */
  public static EventLoops open(int count) {
    // The JVM's resolver knows /etc/hosts and search domains.
    System.setProperty("vertx.disableDnsResolver", "true");
    VertxOptions options =
        new VertxOptions()
            .setEventLoopPoolSize(count)
            .setInternalBlockingPoolSize(LOOKUP_THREADS)
            .setUseDaemonThread(true)
            .setPreferNativeTransport(true)
            .setBlockedThreadCheckIntervalUnit(TimeUnit.DAYS)
            .setBlockedThreadCheckInterval(1)
            .setMaxEventLoopExecuteTimeUnit(TimeUnit.DAYS)
            .setMaxEventLoopExecuteTime(1)
            .setFileSystemOptions(
                new FileSystemOptions()
                    .setFileCachingEnabled(false)
                    .setClassPathResolvingEnabled(false));
    return new EventLoops((VertxInternal) Vertx.vertx(options));
  }

  VertxInternal vertx() {
    return vertx;
  }

  /** One context per event loop. */
  List<ContextInternal> contexts() {
    return contexts;
  }

  boolean isCurrentThreadOneOfThem() {
    for (ContextInternal context : contexts) {
      if (context.nettyEventLoop().inEventLoop()) {
        return true;
      }
    }
    return false;
  }

  /** Ends all threads and waits for them, unless called on one of them. */
  @Override
  public void close() {
    var closed = vertx.close().toCompletionStage().toCompletableFuture();
    if (!isCurrentThreadOneOfThem()) {
      closed.orTimeout(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
    }
  }
}
