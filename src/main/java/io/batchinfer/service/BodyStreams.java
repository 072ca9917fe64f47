package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes answers that come from blocking streams, as fast as each client takes them, with a fixed
 * amount of memory for each. A client that takes nothing for a while is cut off. Thread-safe.
 */
final class BodyStreams implements AutoCloseable {
  private static final int MOST_AT_ONCE = 256;

  /** Slow readers of one workspace leave the others room. */
  private static final int MOST_OF_ONE = 64;

  private static final int CHUNK = 256 << 10;
  private final ThreadPoolExecutor threads;
  private final Duration patience;
  private final Map<String, Integer> busy = new ConcurrentHashMap<>();

  /**
   * @param patience in which a client must take the next piece
   */
  BodyStreams(Duration patience) {
    this.patience = patience;
    AtomicInteger number = new AtomicInteger();
    threads =
        new ThreadPoolExecutor(
            0,
            MOST_AT_ONCE,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> {
              Thread thread = new Thread(task, "download-" + number.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
  }

  /** What writes a body. */
  interface Body {
    void write(Sink sink) throws IOException, InterruptedException;
  }

  /**
   * Sends so many bytes of a stream; the head of the answer must be complete.
   *
   * @param workspace whose bytes they are
   */
  void send(Call call, String workspace, Callable<InputStream> open, long length) {
    write(
        call,
        workspace,
        sink -> {
          try (InputStream in = open.call()) {
            long left = length;
            while (left > 0) {
              byte[] chunk = in.readNBytes((int) Math.min(CHUNK, left));
              if (chunk.length == 0) {
                throw new EOFException("a stored file is shorter than it was");
              }
              sink.write(chunk);
              left -= chunk.length;
            }
          } catch (IOException | InterruptedException | RuntimeException e) {
            throw e;
          } catch (Exception e) {
            throw new IOException(e);
          }
        });
  }

  /**
   * Sends what is written; the head of the answer must be complete.
   *
   * @param workspace whose bytes they are
   */
  void write(Call call, String workspace, Body body) {
    if (busy.merge(workspace, 1, Integer::sum) > MOST_OF_ONE) {
      over(workspace);
      throw overloaded();
    }
    try {
      threads.execute(
          () -> {
            try {
              work(call, body);
            } finally {
              over(workspace);
            }
          });
    } catch (RejectedExecutionException e) {
      over(workspace);
      throw overloaded();
    }
  }

  private void over(String workspace) {
    busy.computeIfPresent(workspace, (name, count) -> count == 1 ? null : count - 1);
  }

  private static ApiError overloaded() {
    return new ApiError(
        503,
        "server_error",
        null,
        "overloaded",
        "Too many downloads are under way; try again in a moment.");
  }

  private void work(Call call, Body body) {
    try {
      Sink sink = new Sink(call, patience);
      body.write(sink);
      sink.finish();
    } catch (ClientGone e) {
      call.request().connection().close();
    } catch (IOException | InterruptedException | RuntimeException e) {
      call.vertx().runOnContext(now -> call.fail(e));
    }
  }

  /** The client has gone, or takes nothing. */
  private static final class ClientGone extends IOException {
    ClientGone(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }

  /** Takes a body piece by piece; two pieces are on their way at most. */
  static final class Sink {
    private final Call call;
    private final Duration patience;
    private final ArrayBlockingQueue<Future<Void>> underWay = new ArrayBlockingQueue<>(2);

    private Sink(Call call, Duration patience) {
      this.call = call;
      this.patience = patience;
    }

    void write(byte[] piece) throws IOException, InterruptedException {
      if (call.response().closed()) {
        throw new ClientGone("the client has gone", null);
      }
      while (underWay.remainingCapacity() == 0) {
        await(underWay.take());
      }
      underWay.add(call.response().write(Buffer.buffer(piece)));
    }

    private void finish() throws IOException, InterruptedException {
      while (!underWay.isEmpty()) {
        await(underWay.take());
      }
      await(call.response().end());
    }

    private void await(Future<Void> written) throws IOException, InterruptedException {
      try {
        written
            .toCompletionStage()
            .toCompletableFuture()
            .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException | TimeoutException e) {
        throw new ClientGone("the client takes nothing", e);
      }
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
