package io.batchinfer.client.http;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;

/** Skips interim answers over HTTP/2, of which the library knows only two. */
final class InterimAnswers extends Http2FrameListenerDecorator {
  private InterimAnswers(Http2FrameListener listener) {
    super(listener);
  }

  static void readPast(Http2ConnectionDecoder decoder) {
    decoder.frameListener(new InterimAnswers(decoder.frameListener()));
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx, int streamId, Http2Headers headers, int padding, boolean endStream)
      throws Http2Exception {
    if (isFinal(streamId, headers, endStream)) {
      super.onHeadersRead(ctx, streamId, headers, padding, endStream);
    }
  }

  @Override
  public void onHeadersRead(
      ChannelHandlerContext ctx,
      int streamId,
      Http2Headers headers,
      int streamDependency,
      short weight,
      boolean exclusive,
      int padding,
      boolean endStream)
      throws Http2Exception {
    if (isFinal(streamId, headers, endStream)) {
      super.onHeadersRead(
          ctx, streamId, headers, streamDependency, weight, exclusive, padding, endStream);
    }
  }

  /** RFC 9113, 8.1 and 8.6: an interim answer never ends the stream, and 101 does not exist. */
  private static boolean isFinal(int streamId, Http2Headers headers, boolean endStream)
      throws Http2Exception {
    CharSequence status = headers.status();
    if (status == null || HttpStatusClass.valueOf(status) != HttpStatusClass.INFORMATIONAL) {
      return true;
    }
    if (endStream || "101".contentEquals(status)) {
      throw Http2Exception.streamError(
          streamId, Http2Error.PROTOCOL_ERROR, "it ends with the interim status %s", status);
    }
    return false;
  }
}
