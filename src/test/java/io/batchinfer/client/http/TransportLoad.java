package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.OperatingSystemMXBean;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.time.SystemTime;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Measures the transport against an endpoint: {@code TransportLoad URL IN_FLIGHT SECONDS [LOOPS
 * [VERSIONS]]}. Each completion sends the next request. Prints rate and CPU of this process per
 * 10,000 requests every two seconds.
 */
final class TransportLoad {
  private final HttpTransport transport;
  private final OutboundRequest request;
  private final AtomicLong succeeded = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final CountDownLatch idle;
  private volatile boolean stopped;

  private TransportLoad(HttpTransport transport, OutboundRequest request, int inFlight) {
    this.transport = transport;
    this.request = request;
    this.idle = new CountDownLatch(inFlight);
  }

  public static void main(String[] args) throws InterruptedException {
    int inFlight = Integer.parseInt(args[1]);
    int seconds = Integer.parseInt(args[2]);
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(URI.create(args[0]))
            .withMaxConnections(inFlight)
            .withHeaders(Map.of("authorization", "Bearer none"))
            .withEventLoops(args.length > 3 ? Integer.parseInt(args[3]) : 2)
            .withVersions(args.length > 4 ? HttpVersions.valueOf(args[4]) : HttpVersions.HTTP_1_1);
    String body =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\""
            + "x".repeat(950)
            + "\"}]}";
    OutboundRequest request =
        new OutboundRequest(
            "/v1/chat/completions", new OutboundRequest.Json(body.getBytes(UTF_8)), Map.of(), 300);
    try (SystemTime time = new SystemTime("load-time");
        HttpTransport transport = HttpTransport.open(settings, time, () -> true)) {
      new TransportLoad(transport, request, inFlight).run(time, inFlight, seconds);
    }
  }

  private void run(SystemTime time, int inFlight, int seconds) throws InterruptedException {
    for (int i = 0; i < inFlight; i++) {
      sendNext();
    }
    OperatingSystemMXBean process =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    for (int slice = 0; slice < seconds; slice += 2) {
      long startCount = succeeded.get();
      long startCpu = process.getProcessCpuTime();
      long startNanos = time.nanos();
      CountDownLatch sliceOver = new CountDownLatch(1);
      time.schedule(sliceOver::countDown, Duration.ofSeconds(2));
      sliceOver.await();
      long count = succeeded.get() - startCount;
      System.out.printf(
          "%d in flight: %,.0f requests/s, %.3f CPU s per 10,000, %d failed%n",
          inFlight,
          count * 1e9 / (time.nanos() - startNanos),
          (process.getProcessCpuTime() - startCpu) / 1e9 * 10_000 / count,
          failed.get());
    }
    stopped = true;
    idle.await();
  }

  private void sendNext() {
    if (stopped) {
      idle.countDown();
    } else {
      var unused = transport.send(request).whenComplete(this::completed);
    }
  }

  private void completed(@Nullable Reply reply, @Nullable Throwable failure) {
    if (failure == null && reply != null && reply.isSuccess()) {
      succeeded.incrementAndGet();
    } else if (failed.getAndIncrement() == 0) {
      System.out.println("First failure: " + (failure == null ? reply : failure));
    }
    sendNext();
  }
}
