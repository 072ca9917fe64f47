package io.batchinfer.engine.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** In virtual time, with servers that are only said to be there. */
class WarmServersTest {
  private static final Duration IDLE = Duration.ofMinutes(10);

  private final VirtualTime time = new VirtualTime();
  private final WarmServers<Server> warm = new WarmServers<>(time, Runnable::run);

  private static final class Server implements WarmServers.Kept {
    private boolean there = true;
    private int closed;

    @Override
    public String name() {
      return "engine";
    }

    @Override
    public boolean isThere() {
      return there;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private static EngineKind kind(String deployment, String token, String... gpus) {
    return new EngineKind(
        deployment,
        List.of("serve", "{port}"),
        Map.of("TOKEN", token),
        Arrays.asList(gpus),
        List.of("/health"),
        IDLE,
        IDLE);
  }

  private Server kept(EngineKind kind) {
    Server server = new Server();
    warm.keep(kind, server, IDLE);
    return server;
  }

  @Test
  void oneIsTakenOnceByARunOfItsKindAndNotEnded() {
    Server server = kept(kind("a", "secret"));
    time.advance(IDLE.minusMillis(1));

    assertThat(warm.take(kind("a", "secret"))).containsSame(server);
    assertThat(warm.take(kind("a", "secret"))).isEmpty();
    time.advance(IDLE);
    warm.endAll();
    assertThat(server.closed).isZero();
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void oneIsEndedWhenItsTimeIsOver() {
    Server server = kept(kind("a", "secret"));
    time.advance(IDLE.minusMillis(1));
    assertThat(server.closed).isZero();

    time.advance(Duration.ofMillis(1));

    assertThat(server.closed).isEqualTo(1);
    assertThat(warm.take(kind("a", "secret"))).isEmpty();
  }

  @Test
  void anotherDeploymentOrAnotherValueOfAVariableIsAnotherKind() {
    Server server = kept(kind("a", "secret"));

    assertThat(warm.take(kind("b", "secret"))).isEmpty();
    assertThat(warm.take(kind("a", "secret of another workspace"))).isEmpty();
    assertThat(warm.take(kind("a", "secret", "0"))).isEmpty();
    assertThat(kind("a", "secret").toString()).doesNotContain("secret");
    assertThat(server.closed).isZero();
  }

  @Test
  void roomIsMadeWhereGpusAreTheSameOrNotKnown() {
    Server first = kept(kind("a", "x", "0", "1"));
    Server second = kept(kind("a", "x", "2"));
    warm.makeRoom(List.of("1"));
    assertThat(List.of(first.closed, second.closed)).containsExactly(1, 0);

    warm.makeRoom(List.of());
    assertThat(List.of(first.closed, second.closed)).containsExactly(1, 1);

    Server unknown = kept(kind("a", "x"));
    warm.makeRoom(List.of("3"));
    assertThat(unknown.closed).isEqualTo(1);
  }

  @Test
  void oneThatHasDiedIsEndedInsteadOfTaken() {
    Server server = kept(kind("a", "x"));
    server.there = false;

    assertThat(warm.take(kind("a", "x"))).isEmpty();
    assertThat(server.closed).isEqualTo(1);
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void roomIsThereOnlyOnceOneThatIsBeingEndedIsGone() {
    Deque<Runnable> ends = new ArrayDeque<>();
    WarmServers<Server> slow = new WarmServers<>(time, ends::add);
    Server server = new Server();
    slow.keep(kind("a", "x"), server, IDLE);
    time.advance(IDLE);
    assertThat(server.closed).isZero();

    slow.makeRoom(List.of());

    assertThat(server.closed).isEqualTo(1);
    ends.forEach(Runnable::run);
    assertThat(server.closed).isEqualTo(1);
  }
}
