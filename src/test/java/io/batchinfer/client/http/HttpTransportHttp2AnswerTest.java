package io.batchinfer.client.http;

import static io.batchinfer.client.http.OutboundRequests.chat;
import static io.batchinfer.client.http.OutboundRequests.failureOf;
import static io.batchinfer.client.http.OutboundRequests.replyTo;
import static io.batchinfer.client.http.OutboundRequests.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.time.SystemTime;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What may come before, and instead of, a final answer over HTTP/2. */
class HttpTransportHttp2AnswerTest {
  private static final int[] INTERIM = {100, 102, 103, 104, 110, 199};

  @AutoClose private final SystemTime time = new SystemTime("transport-test-time");

  @AutoClose("shutdownGracefully")
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /** Serves every stream as the test says, with a window in which no long body fits. */
  private HttpTransport openTo(BiConsumer<ChannelHandlerContext, String> answer) {
    ChannelInitializer<Channel> stream =
        new ChannelInitializer<>() {
          @Override
          protected void initChannel(Channel channel) {
            channel.config().setAutoRead(false);
            channel.pipeline().addLast(new Answering(answer));
            channel.read();
          }
        };
    Channel listener =
        new ServerBootstrap()
            .group(loops)
            .channel(NioServerSocketChannel.class)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel
                        .pipeline()
                        .addLast(
                            Http2FrameCodecBuilder.forServer()
                                .initialSettings(new Http2Settings().initialWindowSize(1_000))
                                .build(),
                            new Http2MultiplexHandler(stream));
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
    int port = ((InetSocketAddress) listener.localAddress()).getPort();
    return HttpTransport.open(
        HttpTransportSettings.defaults(URI.create("http://127.0.0.1:" + port))
            .withVersions(HttpVersions.HTTP_2_PRIOR_KNOWLEDGE)
            .withEventLoops(1),
        time,
        () -> true);
  }

  private static final class Answering extends SimpleChannelInboundHandler<Http2HeadersFrame> {
    private final BiConsumer<ChannelHandlerContext, String> answer;

    Answering(BiConsumer<ChannelHandlerContext, String> answer) {
      this.answer = answer;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
      CharSequence row = frame.headers().get("x-row");
      answer.accept(ctx, row == null ? "" : row.toString());
    }
  }

  private static void head(ChannelHandlerContext ctx, int status, boolean last) {
    ChannelFuture unused =
        ctx.writeAndFlush(
            new DefaultHttp2HeadersFrame(
                new DefaultHttp2Headers().status(Integer.toString(status)), last));
  }

  private static ChannelFuture wholeAnswer(ChannelHandlerContext ctx, String body) {
    head(ctx, 200, false);
    return ctx.writeAndFlush(new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, UTF_8), true));
  }

  private static void after(int micros, ChannelHandlerContext ctx, Supplier<ChannelFuture> write) {
    ScheduledFuture<?> unused =
        ctx.executor()
            .schedule(
                () -> {
                  ChannelFuture written = write.get();
                  assertThat(written).isNotNull();
                },
                micros,
                TimeUnit.MICROSECONDS);
  }

  @Test
  void everyRequestGetsItsOwnAnswerBehindAnyInterimOnes() {
    SplittableRandom random = new SplittableRandom(5);
    try (HttpTransport transport =
        openTo(
            (ctx, row) -> {
              for (int count = random.nextInt(5); count > 0; count--) {
                head(ctx, INTERIM[random.nextInt(INTERIM.length)], false);
              }
              after(random.nextInt(2_000), ctx, () -> wholeAnswer(ctx, "row " + row));
            })) {
      List<CompletableFuture<Reply>> sent = new ArrayList<>();
      for (int row = 0; row < 400; row++) {
        OutboundRequest request =
            new OutboundRequest(
                "/v1/embeddings",
                new OutboundRequest.Json(new byte[] {'1'}),
                Map.of("x-row", Integer.toString(row)),
                1);
        sent.add(transport.send(request).toCompletableFuture());
      }
      for (int row = 0; row < sent.size(); row++) {
        assertThat(text(replyTo(sent.get(row)))).isEqualTo("row " + row);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"101, false", "102, true", "103, true"})
  void interimAnswerThatCannotBeOneIsMalformed(int status, boolean last) {
    try (HttpTransport transport = openTo((ctx, row) -> head(ctx, status, last))) {
      assertThat(failureOf(transport.send(chat("{}"))).kind()).isEqualTo(Kind.MALFORMED_RESPONSE);
    }
  }

  /** The server never makes room for the rest of the request. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void answerBeforeTheRequestWasReadIsDelivered(boolean resets) {
    try (HttpTransport transport =
        openTo(
            (ctx, row) -> {
              ChannelFuture answered = wholeAnswer(ctx, "early");
              if (resets) {
                answered.addListener(
                    sent -> {
                      ChannelFuture unused =
                          ctx.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.NO_ERROR));
                    });
              }
            })) {
      for (int i = 0; i < 3; i++) {
        assertThat(text(replyTo(transport.send(chat(new byte[100_000]))))).isEqualTo("early");
      }
    }
  }
}
