package io.batchinfer.client.http;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Reply.Form;
import io.batchinfer.client.TransportException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.StreamPriority;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.http.impl.HttpClientStream;
import io.vertx.core.http.impl.HttpResponseHead;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One request and its answer. Once begun it is confined to one event loop. */
final class Exchange extends Deadlines.Timed {
  private static final long CANCEL = 0x8;
  private static final Future<HttpClientStream> NOT_CREATED = Future.failedFuture("not asked for");
  private static final StreamPriority NO_PRIORITY = new StreamPriority();

  private final ExchangeSettings endpoint;
  private final OutboundRequest request;
  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private @Nullable LoopConnections loop;
  private @Nullable PooledConnection connection;
  private @Nullable HttpClientStream stream;
  private @Nullable HttpResponseHead head;
  private @Nullable BodyAggregator body;
  private boolean reused;
  private boolean written;
  private boolean complete;
  private boolean over;

  Exchange(ExchangeSettings endpoint, OutboundRequest request) {
    this.endpoint = endpoint;
    this.request = request;
  }

  CompletableFuture<Reply> reply() {
    return reply;
  }

  /** Fails before anything was sent; callable from any thread as long as it has not begun. */
  void fail(TransportException failure) {
    reply.completeExceptionally(failure);
  }

  /** Fails for a reason that lies in this program; callable as {@link #fail} is. */
  void abandon(Throwable thrown) {
    reply.completeExceptionally(thrown);
  }

  /** Sends the request on a connection that is used by this exchange until it is over. */
  void begin(LoopConnections onLoop, PooledConnection onConnection) {
    if (reply.isDone()) {
      // It was given up while it waited: what nobody waits for is not sent.
      onLoop.release(onConnection);
      return;
    }
    OutboundMessage message;
    boolean maySend;
    Future<HttpClientStream> created;
    try {
      message = endpoint.message(request, onConnection.http.newHttpRequestHeaders());
      maySend = endpoint.maySend();
      created = maySend ? onConnection.http.createStream(onLoop.context()) : NOT_CREATED;
    } catch (RuntimeException | Error thrown) {
      onLoop.release(onConnection);
      abandon(thrown);
      return;
    }
    if (!maySend) {
      onLoop.release(onConnection);
      fail(endpoint.failures().fenced());
      return;
    }
    if (created.succeeded()) {
      loop = onLoop;
      connection = onConnection;
      reused = onConnection.isUsed();
      guarded(
          () -> {
            onConnection.begins();
            onLoop.sent(onConnection);
            write(message, created.result());
          });
    } else {
      // The connection is closed but has not said so yet; nothing was written.
      onLoop.discard(onConnection);
      onLoop.release(onConnection);
      onLoop.dispatch(this);
    }
  }

  private void write(OutboundMessage message, HttpClientStream newStream) {
    stream = newStream;
    newStream
        .headHandler(received -> guarded(() -> onHead(received)))
        .dataHandler(received -> guarded(() -> onData(received)))
        .trailersHandler(ignored -> guarded(this::onTrailers))
        .exceptionHandler(failure -> guarded(() -> onException(failure)))
        .resetHandler(code -> guarded(() -> onException(new StreamResetException(code))))
        .closeHandler(ignored -> guarded(this::onClose));
    loopOf().deadlines().arm(this);
    newStream
        .writeHead(message.head(), false, message.content(), true, NO_PRIORITY, false)
        .onComplete(sent -> guarded(() -> onWritten(sent.succeeded())));
  }

  /** Whatever is thrown, memory that is not there included, ends the exchange and is heard. */
  private void guarded(Runnable handler) {
    try {
      handler.run();
    } catch (RuntimeException | Error thrown) {
      try {
        if (!over) {
          discardUnlessMultiplexed();
          end();
        }
      } catch (RuntimeException | Error second) {
        thrown.addSuppressed(second);
      }
      abandon(thrown);
    }
  }

  private void onWritten(boolean succeeded) {
    written = succeeded;
    if (succeeded && !over) {
      loopOf().deadlines().arm(this);
    }
  }

  private void onHead(HttpResponseHead responseHead) {
    if (over) {
      return;
    }
    head = responseHead;
    loopOf().heard(connectionOf());
    BodyAggregator newBody =
        new BodyAggregator(
            announcedLength(responseHead.headers.get(HttpHeaderNames.CONTENT_LENGTH)),
            endpoint.maxResponseBytes());
    body = newBody;
    if (newBody.announcesTooMuch()) {
      abort(endpoint.failures().tooLarge(endpoint.maxResponseBytes()));
    } else {
      request.answerSize().accept(newBody.expectedBytes());
    }
  }

  private void onData(Buffer chunk) {
    BodyAggregator current = body;
    if (over || current == null) {
      return;
    }
    long expected = current.expectedBytes();
    if (!current.append(((BufferInternal) chunk).getByteBuf())) {
      abort(endpoint.failures().tooLarge(endpoint.maxResponseBytes()));
    } else if (current.expectedBytes() > expected) {
      request.answerSize().accept(current.expectedBytes());
    }
  }

  private void onTrailers() {
    complete = true;
    if (over) {
      return;
    }
    if (!connectionOf().multiplexed) {
      succeed();
    } else if (!written) {
      // An early answer: the rest of the request is not wanted (RFC 9113, 8.1).
      HttpClientStream current = Objects.requireNonNull(stream);
      succeed();
      current.writeReset(CANCEL);
    }
  }

  private void onClose() {
    if (over) {
      return;
    }
    if (complete) {
      succeed();
    } else {
      onException(new HttpClosedException("the connection was closed"));
    }
  }

  private void succeed() {
    HttpResponseHead answered = Objects.requireNonNull(head);
    BodyAggregator received = Objects.requireNonNull(body);
    byte[] content = received.toByteArray();
    PooledConnection used = connectionOf();
    boolean untilClose =
        !used.multiplexed && !received.isAnnounced() && endsWithConnection(answered);
    boolean doubtful = used.wasFollowed() && reused;
    if (!used.multiplexed && !(written && loopOf().mayKeep(used))) {
      // An answer that came early leaves the rest of the request, which would precede the next one.
      discardConnection();
    }
    end();
    if (doubtful) {
      reply.completeExceptionally(endpoint.failures().doubtful());
      return;
    }
    String encoding = answered.headers.get(HttpHeaderNames.CONTENT_ENCODING);
    if (encoding == null) {
      complete(answered, content, untilClose ? Form.UNTIL_CLOSE : Form.WHOLE);
    } else {
      completeDecoded(answered, encoding, content, untilClose);
    }
  }

  private void completeDecoded(
      HttpResponseHead answered, String encoding, byte[] content, boolean untilClose) {
    ContentCodings.Result result =
        ContentCodings.undo(encoding, content, endpoint.maxResponseBytes());
    switch (result.outcome()) {
      case TOO_LARGE ->
          reply.completeExceptionally(endpoint.failures().tooLarge(endpoint.maxResponseBytes()));
      case UNDECODABLE -> complete(answered, content, untilClose ? Form.UNTIL_CLOSE : Form.ENCODED);
      case DECODED -> {
        request.answerSize().accept((long) content.length + result.content().length);
        complete(answered, result.content(), untilClose ? Form.UNTIL_CLOSE : Form.WHOLE);
      }
    }
  }

  private void complete(HttpResponseHead answered, byte[] content, Form form) {
    reply.complete(new Reply(answered.statusCode, answered.headers::get, content, form));
  }

  /** Whether only the connection's end can have ended a body without a length (RFC 9112, 6.3). */
  private static boolean endsWithConnection(HttpResponseHead answered) {
    return answered.statusCode != 204
        && answered.statusCode != 304
        && !answered.headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
  }

  private void onException(Throwable failure) {
    if (!over && complete && connectionOf().multiplexed) {
      // A server that does not read the rest of the request resets its stream after the answer.
      succeed();
    } else if (!over) {
      boolean ignored = stream != null && connectionOf().wasIgnored(stream.id());
      discardUnlessMultiplexed();
      end();
      reply.completeExceptionally(endpoint.failures().exchanging(failure, ignored));
    }
  }

  @Override
  void expired() {
    guarded(this::timedOut);
  }

  private void timedOut() {
    if (!over) {
      // The connection may be dead without saying so: later requests get another one.
      loopOf().discard(connectionOf());
      boolean silent = !connectionOf().multiplexed && !connectionOf().hasAnswered();
      abort(endpoint.failures().timedOut(endpoint.requestTimeout(), silent));
    }
  }

  /** Resets the stream, which closes an HTTP/1.1 connection. */
  private void abort(TransportException failure) {
    HttpClientStream current = stream;
    discardUnlessMultiplexed();
    end();
    if (current != null) {
      current.writeReset(CANCEL);
    }
    reply.completeExceptionally(failure);
  }

  private void discardUnlessMultiplexed() {
    if (!connectionOf().multiplexed) {
      discardConnection();
    }
  }

  private void discardConnection() {
    loopOf().drop(connectionOf());
  }

  private void end() {
    over = true;
    loopOf().deadlines().disarm(this);
    loopOf().ended(connectionOf());
    loopOf().release(connectionOf());
  }

  private LoopConnections loopOf() {
    return Objects.requireNonNull(loop);
  }

  private PooledConnection connectionOf() {
    return Objects.requireNonNull(connection);
  }

  private static long announcedLength(@Nullable String contentLength) {
    if (contentLength == null) {
      return -1;
    }
    try {
      return Math.max(-1, Long.parseLong(contentLength.trim()));
    } catch (NumberFormatException unusable) {
      return -1;
    }
  }
}
