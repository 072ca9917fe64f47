package io.batchinfer.client.http;

import io.batchinfer.policy.SilentConnections;
import io.batchinfer.policy.SilentConnections.Silence;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpClientConnection;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An open connection and how much of it is in use. Confined to its event loop. */
final class PooledConnection {
  final HttpClientConnection http;
  final boolean multiplexed;
  private final @Nullable AnswerDecoder answers;
  private int active;
  private boolean used;
  private int lastUsed;
  private boolean discarded;
  private int lastProcessedStream = Integer.MAX_VALUE;

  /** Of a connection for one request at a time: when it went out, and what is known of answers. */
  private long sentAt;

  private boolean heard;
  private boolean heardBefore;
  private @Nullable Silence silence;

  /**
   * @param unaskedHandler is told of bytes that came on the idle connection, which closes it
   */
  PooledConnection(HttpClientConnection http, Consumer<Unasked> unaskedHandler) {
    this.http = http;
    this.multiplexed = http.protocolVersion() == HttpVersion.HTTP_2;
    ChannelHandlerContext context = http.channelHandlerContext();
    if (multiplexed) {
      this.answers = null;
      InterimAnswers.readPast(((Http2ConnectionHandler) context.handler()).decoder());
    } else {
      this.answers = new AnswerDecoder(unaskedHandler);
      answers.install(context.pipeline());
    }
  }

  boolean isOpen() {
    return channel().isActive();
  }

  /**
   * Closes it at once: without what is still to be written, which the library's own close waits
   * for, on a peer that may never read it.
   *
   * @param reset whether to leave nothing behind: a connection per request would otherwise take a
   *     port from the system for a minute
   */
  void closeNow(boolean reset) {
    if (reset && channel().isActive()) {
      channel().config().setOption(ChannelOption.SO_LINGER, 0);
    }
    ChannelFuture unused = http.channelHandlerContext().close();
  }

  Channel channel() {
    return http.channelHandlerContext().channel();
  }

  /** A request is about to be written. */
  void begins() {
    used = true;
    if (answers != null) {
      answers.expectAnswer();
    }
  }

  /** Whether a request was ever begun on it. */
  boolean isUsed() {
    return used;
  }

  /** Whether nothing in the last answer speaks against another request. */
  boolean isReusable() {
    return answers == null || answers.isReusable();
  }

  /** Whether something came behind the last answer that could be an answer itself. */
  boolean wasFollowed() {
    return answers != null && answers.wasFollowed();
  }

  /** Takes room for one exchange, if there is any. */
  boolean tryUse() {
    if (discarded || active >= concurrency()) {
      return false;
    }
    active++;
    return true;
  }

  /**
   * Ends one use.
   *
   * @param now the current idle period of the loop
   */
  void giveBack(int now) {
    active--;
    lastUsed = now;
  }

  /** A request goes out, alone on the connection. */
  void sent(SilentConnections silent, long now) {
    sentAt = now;
    heardBefore = heard;
    silence = heard ? null : silent.begin(now);
  }

  /** Something of an answer has come. */
  void heard(SilentConnections silent) {
    heard = true;
    endSilence(silent);
  }

  /** The request has ended. */
  void ended(SilentConnections silent, long now) {
    if (silence == null && heard) {
      silent.answered(now - sentAt, heardBefore);
    }
    endSilence(silent);
  }

  private void endSilence(SilentConnections silent) {
    if (silence != null) {
      silent.end(silence);
      silence = null;
    }
  }

  /** Whether the peer has ever answered anything here. */
  boolean hasAnswered() {
    return heard;
  }

  /** The peer goes away and has not looked at later streams than this. */
  void goingAway(int lastStream) {
    lastProcessedStream = lastStream;
  }

  boolean wasIgnored(long stream) {
    return stream > lastProcessedStream;
  }

  void markUsed(int now) {
    lastUsed = now;
  }

  boolean isUnused() {
    return active == 0;
  }

  boolean isUnusedSince(int period) {
    return active == 0 && lastUsed <= period;
  }

  boolean hasRoom() {
    return !discarded && active < concurrency();
  }

  long concurrency() {
    return multiplexed ? http.concurrency() : 1;
  }

  /** Keeps the connection from new exchanges; true the first time. */
  boolean discard() {
    boolean first = !discarded;
    discarded = true;
    return first;
  }

  boolean isDiscarded() {
    return discarded;
  }
}
