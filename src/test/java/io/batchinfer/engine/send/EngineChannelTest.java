package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.InferenceChannel;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.testing.Eventually;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The way to an engine, which comes, goes and moves. */
class EngineChannelTest {
  private static final Duration LONG_ENOUGH = Duration.ofSeconds(30);
  private static final URI HERE = URI.create("http://127.0.0.1:1001");
  private static final URI THERE = URI.create("http://127.0.0.1:1002");
  private static final OutboundRequest REQUEST =
      new OutboundRequest("/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), 1);
  private static final Reply REPLY = new Reply(500, name -> null, new byte[0]);

  private final ScriptedEngine engine = new ScriptedEngine("engine of executor 3");
  private final List<Transport> opened = new CopyOnWriteArrayList<>();
  private final EngineChannel channel =
      new EngineChannel(
          engine,
          address -> {
            Transport transport = new Transport(address);
            opened.add(transport);
            return transport;
          });

  /** A transport to one place. */
  private static final class Transport implements InferenceChannel, AutoCloseable {
    private final URI address;
    private final List<CompletableFuture<Reply>> sent = new CopyOnWriteArrayList<>();
    private @Nullable RuntimeException refusal;
    private @Nullable Exception onClose;
    private int closed;

    Transport(URI address) {
      this.address = address;
    }

    @Override
    public CompletionStage<Reply> send(OutboundRequest request) {
      if (refusal != null) {
        throw refusal;
      }
      CompletableFuture<Reply> reply = new CompletableFuture<>();
      sent.add(reply);
      return reply;
    }

    @Override
    public void close() throws Exception {
      closed++;
      if (onClose != null) {
        throw onClose;
      }
    }
  }

  private CompletableFuture<Reply> send() {
    return channel.send(REQUEST).toCompletableFuture();
  }

  @Test
  void itsNameIsTheEnginesWhereverThatListens() {
    assertThat(channel.name()).isEqualTo("engine of executor 3");
  }

  @Test
  void aRowForAnEngineThatIsAwayCostsNothing() {
    CompletableFuture<Reply> reply = send();

    assertThat(reply).isCompletedExceptionally();
    assertThatThrownBy(reply::join)
        .cause()
        .isInstanceOfSatisfying(
            TransportException.class,
            thrown -> {
              assertThat(thrown.kind()).isEqualTo(TransportException.Kind.CONNECT_FAILED);
              assertThat(thrown.kind().mayHaveRun()).isFalse();
            })
        .hasMessageContaining("engine of executor 3");
    assertThat(opened).isEmpty();
    assertThat(engine.events).isEmpty();
  }

  @Test
  void theEngineHearsHowEachOfItsRequestsEnds() {
    engine.listensAt(HERE);

    CompletableFuture<Reply> answered = send();
    CompletableFuture<Reply> lost = send();
    assertThat(engine.events).containsExactly("sent", "sent");
    opened.get(0).sent.get(0).complete(REPLY);
    opened.get(0).sent.get(1).completeExceptionally(new IllegalStateException("reset"));

    assertThat(answered).isCompletedWithValue(REPLY);
    assertThat(lost).isCompletedExceptionally();
    assertThat(engine.events).containsExactly("sent", "sent", "ended true", "ended false");
    assertThat(opened).hasSize(1);
  }

  @Test
  void aRequestThatCannotBeSentIsNotUnderWayAtTheEngine() {
    engine.listensAt(HERE);
    CompletableFuture<Reply> unused = send();
    IllegalStateException refusal = new IllegalStateException("scripted");
    opened.get(0).refusal = refusal;

    assertThatThrownBy(this::send).isSameAs(refusal);

    assertThat(engine.events).containsExactly("sent", "sent", "ended false");
  }

  @Test
  void requestsFollowAnEngineThatMovesAndItsOldConnectionsAreClosed() {
    engine.listensAt(HERE);
    CompletableFuture<Reply> first = send();
    engine.listensAt(THERE);
    CompletableFuture<Reply> second = send();
    CompletableFuture<Reply> third = send();

    assertThat(opened).extracting(transport -> transport.address).containsExactly(HERE, THERE);
    assertThat(opened.get(0).closed).isOne();
    assertThat(opened.get(1).closed).isZero();
    assertThat(opened.get(1).sent).hasSize(2);
    assertThat(first).isNotDone();
    assertThat(second).isNotDone();
    assertThat(third).isNotDone();
  }

  @Test
  void whoWaitsWhileAnotherOpensTheWayUsesIt() throws Exception {
    CountDownLatch opening = new CountDownLatch(1);
    CountDownLatch mayOpen = new CountDownLatch(1);
    EngineChannel shared =
        new EngineChannel(
            engine,
            address -> {
              Transport transport = new Transport(address);
              opened.add(transport);
              opening.countDown();
              try {
                assertThat(mayOpen.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return transport;
            });
    engine.listensAt(HERE);
    Thread first = new Thread(() -> shared.send(REQUEST));
    Thread second = new Thread(() -> shared.send(REQUEST));
    first.start();
    assertThat(opening.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS)).isTrue();
    second.start();
    Eventually.await(
        "the second waits for the first",
        LONG_ENOUGH,
        () -> second.getState() == Thread.State.BLOCKED,
        () -> second.getState().toString());

    mayOpen.countDown();
    first.join(LONG_ENOUGH.toMillis());
    second.join(LONG_ENOUGH.toMillis());

    assertThat(opened).hasSize(1);
    assertThat(opened.get(0).sent).hasSize(2);
  }

  @Test
  void whatIsClosedOpensNoNewWay() {
    engine.listensAt(HERE);
    CompletableFuture<Reply> unused = send();
    channel.close();
    assertThat(opened.get(0).closed).isOne();

    assertThat(send()).isCompletedExceptionally();
    engine.listensAt(THERE);
    assertThat(send()).isCompletedExceptionally();
    channel.close();

    assertThat(opened).hasSize(1);
    assertThat(opened.get(0).closed).isOne();
  }

  @Test
  void whatWasNeverOpenedIsClosedWithoutAWord() {
    channel.close();

    assertThat(opened).isEmpty();
  }

  @Test
  void whyConnectionsCannotBeClosedIsToldAsItIs() {
    engine.listensAt(HERE);
    CompletableFuture<Reply> unused = send();
    IllegalArgumentException unchecked = new IllegalArgumentException("scripted");
    opened.get(0).onClose = unchecked;
    assertThatThrownBy(channel::close).isSameAs(unchecked);
    // It is closed all the same.
    channel.close();

    EngineChannel other =
        new EngineChannel(
            engine,
            address -> {
              Transport transport = new Transport(address);
              transport.onClose = new IOException("scripted");
              return transport;
            });
    unused = other.send(REQUEST).toCompletableFuture();
    assertThatThrownBy(other::close).hasRootCauseMessage("scripted");
  }
}
