package io.batchinfer.engine.send;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.http.HttpTransport;
import io.batchinfer.client.http.HttpTransportSettings;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaGroup;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.testing.OwnedConnectionsServer;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.SystemTime;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A server that serves only some of its connections, over real sockets, nothing configured. */
class OwnedConnectionsTest {
  private static final Duration FENCE = Duration.ofSeconds(10);

  @ParameterizedTest
  @CsvSource({"2,2,50,300", "6,4,100,300", "64,64,200,2500"})
  void nothingTimesOutAndFewConnectionsStayUnread(int threads, int slots, int millis, int rows)
      throws IOException, InterruptedException {
    try (OwnedConnectionsServer server =
            new OwnedConnectionsServer(threads, slots, Duration.ofMillis(millis));
        Client client = new Client(server, 0, Duration.ofSeconds(10))) {
      double seconds = client.run(rows);

      assertThat(client.meanings.keySet()).containsExactly(StatusMeaning.ANSWERED);
      assertThat(server.answered()).isEqualTo(rows);
      // A figure to look at: how long it takes depends on what else the machine does.
      System.out.printf(
          "%d slots, %d ms: %.2f of the best concurrency's time%n",
          slots, millis, seconds * slots * 1e3 / rows / millis);
      assertThat(server.mostUnread()).isLessThanOrEqualTo(2 * threads + 16);
    }
  }

  @Test
  void aConcurrencyBeyondTheServersIsNamedWhenAnswersTimeOutForIt()
      throws IOException, InterruptedException {
    try (OwnedConnectionsServer server = new OwnedConnectionsServer(2, 2, Duration.ofMillis(500));
        Client client = new Client(server, 40, Duration.ofSeconds(3))) {
      assertThat(client.run(60)).isPositive();

      assertThat(client.meanings).containsKey(StatusMeaning.TIMED_OUT);
      assertThat(client.authority.takeNotes())
          .singleElement(STRING)
          .contains("had never answered anything, while it answered on others")
          .containsPattern("Set --concurrency [1-3],");
    }
  }

  /** What an executor and its driver have, in one process. */
  private static final class Client implements AutoCloseable {
    final Map<StatusMeaning, AtomicInteger> meanings = new ConcurrentHashMap<>();
    final QuotaAuthority authority;
    private final QuotaSession quota;
    private final SystemTime time = new SystemTime("owned-connections-client");
    private final HttpTransport transport;
    private final RetryingChannel channel;
    private final long start;

    Client(OwnedConnectionsServer server, int concurrency, Duration timeout) {
      authority =
          new QuotaAuthority(
              new EndpointQuota(
                  new QuotaLimits(concurrency, 0, 0, Duration.ofMinutes(1)), time, time),
              QuotaGroup.of(1),
              List.of(),
              FENCE,
              timeout.plus(FENCE),
              () -> true);
      quota =
          new QuotaSession(
              "client",
              authority::ask,
              new Elapsed(time, Clock.systemUTC()),
              time,
              time,
              () -> Progress.ZERO,
              reply -> StatedLimits.NONE);
      transport =
          HttpTransport.open(
              HttpTransportSettings.defaults(server.url())
                  .withRequestTimeout(timeout)
                  .withMaxConnections(QuotaLimits.MOST_ADAPTIVE)
                  .withEventLoops(2),
              time,
              quota::maySend);
      channel =
          ChannelStack.assemble(
              List.of(transport),
              quota::limit,
              new RetryRule(5, 1),
              new AnswerReading(Pricing.UNKNOWN),
              time,
              time,
              Clock.systemUTC(),
              thrown -> {
                throw new AssertionError("the stack broke", thrown);
              });
      start = time.nanos();
    }

    /** Sends the rows, as many at once as it may; returns how many seconds that took. */
    double run(int rows) throws InterruptedException {
      Semaphore window = new Semaphore(2_048);
      quota.start(
          () -> {},
          thrown -> {
            throw new AssertionError("the stack broke", thrown);
          });
      for (int row = 0; row < rows; row++) {
        window.acquire();
        channel
            .send(
                new OutboundRequest(
                    "/v1/chat/completions",
                    new OutboundRequest.Json("{\"model\":\"m\"}".getBytes(UTF_8)),
                    Map.of(),
                    10))
            .whenComplete((settlement, unused) -> ended(settlement, window));
      }
      window.acquire(2_048);
      return (time.nanos() - start) / 1e9;
    }

    private void ended(Settlement settlement, Semaphore window) {
      meanings
          .computeIfAbsent(settlement.last().meaning(), any -> new AtomicInteger())
          .incrementAndGet();
      window.release();
    }

    @Override
    public void close() {
      quota.close();
      transport.close();
      time.close();
    }
  }
}
