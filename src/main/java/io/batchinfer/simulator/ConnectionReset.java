package io.batchinfer.simulator;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;

/** Breaks a connection the way a crashed server does: with a reset instead of a proper end. */
final class ConnectionReset {
  private ConnectionReset() {}

  static void reset(HttpServerRequest request) {
    boolean ownConnection = request.version() != HttpVersion.HTTP_2;
    if (ownConnection && request.connection() instanceof HttpServerConnection connection) {
      Channel channel = connection.channelHandlerContext().channel();
      channel.config().setOption(ChannelOption.SO_LINGER, 0);
      ChannelFuture unused = channel.close();
    } else {
      request.response().reset();
    }
  }
}
