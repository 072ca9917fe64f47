package io.batchinfer.live;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Serves a run's report while it lasts, to this machine alone, at an address that nobody can guess.
 * Whoever knows the address may read the report and cancel the run. Thread-safe.
 */
public final class LivePage implements AutoCloseable {
  private static final String LOOPBACK = "127.0.0.1";
  private static final int TOKEN_BYTES = 16;
  private static final int WORKERS = 2;
  private static final int LARGEST_HEAD = 8 << 10;
  private static final int IDLE_SECONDS = 30;
  private static final long PATIENCE_SECONDS = 10;

  private final Vertx vertx;
  private final String address;

  private LivePage(Vertx vertx, String address) {
    this.vertx = vertx;
    this.address = address;
  }

  /**
   * What the page is about.
   *
   * @param report the report as it would be written now, an HTML document; asked now and then on a
   *     thread that may wait, and may throw what its reader is told
   * @param now how far the run is, in one line; asked from any thread
   * @param cancel ends the run as an interrupt does; called at most once
   */
  public record Run(Supplier<byte[]> report, Supplier<String> now, Runnable cancel) {}

  /**
   * Starts to listen; returns once the page can be opened.
   *
   * @param port 0 for any that is free
   * @throws BatchException {@link ErrorCode#USAGE} where the port cannot be listened on
   */
  public static LivePage start(int port, Run run) {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = HexFormat.of().formatHex(random);
    Vertx vertx = Vertx.vertx(options());
    try {
      HttpServer server =
          vertx.createHttpServer(
              new HttpServerOptions()
                  .setHost(LOOPBACK)
                  .setPort(port)
                  .setMaxHeaderSize(LARGEST_HEAD)
                  .setMaxInitialLineLength(LARGEST_HEAD)
                  .setIdleTimeout(IDLE_SECONDS)
                  .setIdleTimeoutUnit(TimeUnit.SECONDS)
                  .setHttp2ClearTextEnabled(false)
                  .setUseAlpn(false));
      LiveRequests requests = new LiveRequests(vertx, token, run);
      server.requestHandler(requests::answer);
      int bound =
          server
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get(PATIENCE_SECONDS, TimeUnit.SECONDS)
              .actualPort();
      return new LivePage(vertx, "http://%s:%d/%s/".formatted(LOOPBACK, bound, token));
    } catch (ExecutionException | CompletionException | TimeoutException e) {
      vertx.close();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new BatchException(
          ErrorCode.USAGE,
          "Cannot listen on %s:%d: %s. Give --page another port, or none for any that is free."
              .formatted(LOOPBACK, port, cause.getMessage()),
          cause);
    } catch (InterruptedException e) {
      vertx.close();
      Thread.currentThread().interrupt();
      throw new BatchException(ErrorCode.INTERRUPTED, "The run was interrupted.", e);
    }
  }

  private static VertxOptions options() {
    return new VertxOptions()
        .setEventLoopPoolSize(1)
        .setWorkerPoolSize(WORKERS)
        .setInternalBlockingPoolSize(1)
        .setUseDaemonThread(true)
        .setFileSystemOptions(
            new FileSystemOptions()
                .setClassPathResolvingEnabled(false)
                .setFileCachingEnabled(false));
  }

  /** Where it is, with the secret part. */
  public String address() {
    return address;
  }

  /** Ends the page; who has it open is told that the run is over. */
  @Override
  public void close() {
    vertx.close();
  }
}
