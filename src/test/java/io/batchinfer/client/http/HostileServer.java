package io.batchinfer.client.http;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gives every request what a seed chooses for its row, and notes every request on a connection that
 * was over.
 */
final class HostileServer implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger connections = new AtomicInteger();
  private final long seed;
  private final Channel listener;
  private volatile boolean strays;
  final ConcurrentLinkedQueue<String> misuses = new ConcurrentLinkedQueue<>();
  final AtomicInteger requests = new AtomicInteger();

  HostileServer(long seed) {
    this.seed = seed;
    this.listener =
        new ServerBootstrap()
            .group(loops)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, 1024)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_RCVBUF, 64 << 10)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.incrementAndGet();
                    Connection connection = new Connection((EpollSocketChannel) channel);
                    channel.pipeline().addLast(connection);
                    open.add(connection);
                  }
                })
            .bind(InetAddress.getLoopbackAddress(), 0)
            .syncUninterruptibly()
            .channel();
  }

  URI url() {
    return URI.create(
        "http://127.0.0.1:" + ((InetSocketAddress) listener.localAddress()).getPort());
  }

  int connections() {
    return connections.get();
  }

  /** From now on, or not any more, more than one answer may come for a request. */
  void sendStrays(boolean whether) {
    strays = whether;
  }

  /** Whether the body of a row's request is so large that its answer comes before it was read. */
  boolean isEarly(int row) {
    return randomOf(row).nextInt(400) == 0;
  }

  /** Sends something on idle connections; returns when the peer's system has got it. */
  void disturbIdle(SplittableRandom random) {
    List<CompletableFuture<Void>> got = new ArrayList<>();
    for (Connection connection : open) {
      if (random.nextInt(3) == 0) {
        SplittableRandom own = random.split();
        CompletableFuture<Void> done = new CompletableFuture<>();
        connection.channel.eventLoop().execute(() -> connection.disturb(own, done));
        got.add(done);
      }
    }
    CompletableFuture.allOf(got.toArray(CompletableFuture[]::new))
        .orTimeout(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)
        .join();
  }

  private SplittableRandom randomOf(int row) {
    return new SplittableRandom(seed * 31 + row).split();
  }

  private final class Connection extends ChannelInboundHandlerAdapter {
    private final EpollSocketChannel channel;
    private final ByteBuf received = Unpooled.buffer();
    private String over = "";
    private int lastRow = -1;
    private boolean answering;
    private boolean answered;
    private long bodyLeft = -1;

    Connection(EpollSocketChannel channel) {
      this.channel = channel;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      ByteBuf bytes = (ByteBuf) message;
      received.writeBytes(bytes);
      bytes.release();
      while (step()) {
        received.discardReadBytes();
      }
    }

    /** Takes a head or a body; false when more bytes are needed. */
    private boolean step() {
      if (bodyLeft < 0) {
        return takeHead();
      }
      int taken = (int) Math.min(bodyLeft, received.readableBytes());
      received.skipBytes(taken);
      bodyLeft -= taken;
      if (bodyLeft > 0) {
        return false;
      }
      bodyLeft = -1;
      if (!answered) {
        answer(false);
      }
      return received.isReadable();
    }

    private boolean takeHead() {
      String text = received.toString(ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return false;
      }
      received.skipBytes(end + 4);
      if (!over.isEmpty() || answering) {
        misuses.add("a request came on a connection that was over: " + over + " " + answering);
        ChannelFuture unused =
            channel.writeAndFlush(Unpooled.wrappedBuffer(HostileAnswer.plain(lastRow)));
      }
      requests.incrementAndGet();
      lastRow = Integer.parseInt(header(text, "x-row"));
      bodyLeft = Integer.parseInt(header(text, "content-length"));
      answered = false;
      if (isEarly(lastRow)) {
        // The rest is read when the peer has had time to misuse the connection.
        channel.config().setAutoRead(false);
        answer(true);
      }
      return true;
    }

    private void answer(boolean early) {
      answered = true;
      answering = true;
      SplittableRandom random = randomOf(lastRow).split();
      HostileAnswer answer = HostileAnswer.of(random, lastRow, strays, early);
      write(random, answer, 0);
    }

    private void write(SplittableRandom random, HostileAnswer answer, int next) {
      boolean lastPiece = next == answer.pieces().size() - 1;
      if (lastPiece) {
        answering = false;
        over = answer.early() ? "EARLY" : answer.last();
        if (answer.early()) {
          schedule(5_000, () -> channel.config().setAutoRead(true));
        }
      }
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(answer.pieces().get(next)))
          .addListener(
              written -> {
                if (!written.isSuccess()) {
                  close();
                } else if (!lastPiece) {
                  int delay = random.nextBoolean() ? 0 : random.nextInt(1_500);
                  schedule(delay, () -> write(random, answer, next + 1));
                } else if (answer.ending() == HostileAnswer.Ending.RESETS) {
                  channel.config().setSoLinger(0);
                  close();
                } else if (answer.ending() == HostileAnswer.Ending.CLOSES) {
                  close();
                }
              });
    }

    private void disturb(SplittableRandom random, CompletableFuture<Void> done) {
      if (!channel.isActive() || answering || bodyLeft >= 0 || lastRow < 0) {
        done.complete(null);
        return;
      }
      over = "DISTURBED";
      if (random.nextInt(4) == 0) {
        channel.shutdownOutput().addListener(ended -> awaitReceived(done));
      } else {
        channel
            .writeAndFlush(Unpooled.wrappedBuffer(HostileAnswer.stray(random, lastRow)))
            .addListener(written -> awaitReceived(done));
      }
    }

    private void awaitReceived(CompletableFuture<Void> done) {
      if (!channel.isActive() || channel.tcpInfo().unacked() == 0) {
        done.complete(null);
      } else {
        schedule(100, () -> awaitReceived(done));
      }
    }

    private void schedule(int micros, Runnable task) {
      if (micros == 0) {
        channel.eventLoop().execute(task);
      } else {
        ScheduledFuture<?> unused =
            channel.eventLoop().schedule(task, micros, TimeUnit.MICROSECONDS);
      }
    }

    private void close() {
      ChannelFuture unused = channel.close();
    }

    private static String header(String head, String name) {
      int start = head.toLowerCase(Locale.ROOT).indexOf("\r\n" + name + ": ");
      int value = start + name.length() + 4;
      return head.substring(value, head.indexOf("\r\n", value));
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      open.remove(this);
      received.release();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable reset) {
      close();
    }
  }

  @Override
  public void close() {
    loops.shutdownGracefully(0, LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS).syncUninterruptibly();
  }
}
