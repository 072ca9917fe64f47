package io.batchinfer.client.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.CombinedChannelDuplexHandler;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestEncoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;
import java.util.function.Consumer;

/**
 * Decodes the answers on one HTTP/1.1 connection and knows whether another request may follow. An
 * answer has no name of its own here: it belongs to the request under way because nothing else can
 * have come. So whatever is not exactly one final answer, asked for, ends the connection's use.
 * Confined to the event loop of the connection.
 */
final class AnswerDecoder extends HttpResponseDecoder {
  /** The library's name for what this replaces. */
  private static final String CODEC = "codec";

  private static final int LARGEST_PIECE_BYTES = 64 << 10;

  private final Consumer<Unasked> unaskedHandler;
  private boolean expecting;
  private boolean reusable = true;
  private boolean followed;
  private boolean oldVersion;

  /**
   * @param unaskedHandler is told of bytes that nobody asked for; the connection is closed then
   */
  AnswerDecoder(Consumer<Unasked> unaskedHandler) {
    super(
        new HttpDecoderConfig()
            .setMaxHeaderSize(VertxOptionsOf.MAX_HEADER_BYTES)
            .setMaxChunkSize(LARGEST_PIECE_BYTES)
            .setAllowDuplicateContentLengths(true)
            .setStrictLineParsing(false));
    this.unaskedHandler = unaskedHandler;
  }

  /** Takes the place of the library's decoder; bytes that this has not decoded are not lost. */
  void install(ChannelPipeline pipeline) {
    pipeline.replace(
        CODEC, CODEC, new CombinedChannelDuplexHandler<>(this, new HttpRequestEncoder()));
  }

  /** A request begins: what comes from now on is its answer. */
  void expectAnswer() {
    expecting = true;
  }

  /** Whether nothing speaks against another request on the connection. */
  boolean isReusable() {
    return reusable && !expecting;
  }

  /** Whether more than line ends came with the end of the last answer. */
  boolean wasFollowed() {
    return followed;
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
    if (!expecting) {
      refuse(ctx, in);
      return;
    }
    int first = out.size();
    super.decode(ctx, in, out);
    if (out.size() > first && out.get(first) instanceof HttpResponse head && isWellFormed(head)) {
      if (isInterim(head)) {
        out.subList(first, out.size()).clear();
        return;
      }
      judge(head);
    }
    if (out.size() > first && out.get(out.size() - 1) instanceof LastHttpContent) {
      end(in);
    }
  }

  @Override
  protected void decodeLast(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws Exception {
    // The connection has ended, and with it the answer if its length was not announced.
    reusable = false;
    super.decodeLast(ctx, in, out);
  }

  /** HTTP/1.0 is read by the rules of 1.1, which check lengths; its connections end by default. */
  @Override
  protected HttpMessage createMessage(String[] initialLine) {
    HttpMessage message = super.createMessage(initialLine);
    oldVersion = message.protocolVersion().equals(HttpVersion.HTTP_1_0);
    return oldVersion ? message.setProtocolVersion(HttpVersion.HTTP_1_1) : message;
  }

  /** The transfer coding alone says where such an answer ends (RFC 9112, 6.3). */
  @Override
  protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
    reusable = false;
    clearContentLength();
    message.headers().remove(HttpHeaderNames.CONTENT_LENGTH);
  }

  private static boolean isWellFormed(HttpResponse head) {
    return !head.decoderResult().isFailure();
  }

  /** Whether a final answer is still to come, whatever this one means (RFC 9110, 15.2). */
  private static boolean isInterim(HttpResponse head) {
    return head.status().codeClass() == HttpStatusClass.INFORMATIONAL
        && head.status().code() != 101;
  }

  private void judge(HttpResponse head) {
    int status = head.status().code();
    HttpHeaders headers = head.headers();
    if (status == 101) {
      reusable = false;
      head.setDecoderResult(
          DecoderResult.failure(
              new InvalidAnswerException("it switches protocols (101), which was not asked for")));
    } else if (!isPersistent(head) || !hasKnownEnd(status, headers)) {
      reusable = false;
    }
  }

  private boolean isPersistent(HttpResponse head) {
    return HttpUtil.isKeepAlive(head)
        && (!oldVersion
            || head.headers()
                .containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE, true));
  }

  private boolean hasKnownEnd(int status, HttpHeaders headers) {
    String coding = headers.get(HttpHeaderNames.TRANSFER_ENCODING);
    if (status == 204 || status == 304) {
      // No body is read, but one may have been sent by mistake.
      return false;
    }
    return coding == null
        ? headers.contains(HttpHeaderNames.CONTENT_LENGTH)
        : !oldVersion
            && HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(coding.trim())
            && headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() == 1;
  }

  private void end(ByteBuf in) {
    expecting = false;
    if (in.isReadable()) {
      reusable = false;
      followed = Unasked.of(in) != Unasked.LINE_ENDS;
      in.skipBytes(in.readableBytes());
    }
  }

  private void refuse(ChannelHandlerContext ctx, ByteBuf in) {
    reusable = false;
    Unasked unasked = Unasked.of(in);
    in.skipBytes(in.readableBytes());
    ChannelFuture unused = ctx.close();
    unaskedHandler.accept(unasked);
  }
}
