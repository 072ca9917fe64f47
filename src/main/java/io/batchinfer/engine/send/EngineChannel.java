package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.engine.server.EngineUse;
import java.net.URI;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The way to an engine, wherever it listens at the moment: while it is away it is like an endpoint
 * that refuses connections, which costs a row nothing. Thread-safe.
 */
final class EngineChannel implements InferenceChannel, AutoCloseable {
  private final EngineUse engine;
  private final Function<URI, ? extends InferenceChannel> open;

  /** The transport to where it listened last. */
  private volatile @Nullable Way way;

  @GuardedBy("this")
  private boolean closed;

  private record Way(URI address, InferenceChannel channel) {}

  /**
   * @param open opens a transport to a place; what it opens is closed here if it can be
   */
  EngineChannel(EngineUse engine, Function<URI, ? extends InferenceChannel> open) {
    this.engine = engine;
    this.open = open;
  }

  /** The engine's name, the same wherever it listens. */
  @Override
  public String name() {
    return engine.name();
  }

  @Override
  public CompletionStage<Reply> send(OutboundRequest request) {
    @Nullable InferenceChannel channel = channel();
    if (channel == null) {
      return CompletableFuture.failedFuture(
          new TransportException(Kind.CONNECT_FAILED, engine.name() + " is not ready", null));
    }
    engine.sent();
    CompletionStage<Reply> reply;
    try {
      reply = channel.send(request);
    } catch (RuntimeException | Error thrown) {
      engine.ended(false);
      throw thrown;
    }
    return reply.whenComplete((answer, unused) -> engine.ended(answer != null));
  }

  private @Nullable InferenceChannel channel() {
    @Nullable URI now = engine.address().orElse(null);
    if (now == null) {
      return null;
    }
    Way known = way;
    return known != null && known.address.equals(now) ? known.channel : reopened(now);
  }

  private synchronized @Nullable InferenceChannel reopened(URI now) {
    Way known = way;
    if (known != null && known.address.equals(now)) {
      return known.channel;
    }
    if (closed) {
      return null;
    }
    InferenceChannel channel = open.apply(now);
    way = new Way(now, channel);
    if (known != null) {
      close(known.channel);
    }
    return channel;
  }

  private static void close(InferenceChannel channel) {
    if (channel instanceof AutoCloseable closeable) {
      try {
        closeable.close();
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Closes the connections; the engine is another's to end. */
  @Override
  public synchronized void close() {
    closed = true;
    Way known = way;
    if (known != null) {
      way = null;
      close(known.channel);
    }
  }
}
