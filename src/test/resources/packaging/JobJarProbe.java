import io.batchinfer.shaded.com.fasterxml.jackson.databind.ObjectMapper;
import io.batchinfer.shaded.com.knuddels.jtokkit.Encodings;
import io.batchinfer.shaded.com.knuddels.jtokkit.api.EncodingType;
import io.batchinfer.shaded.io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.batchinfer.shaded.io.netty.buffer.ByteBufAllocator;
import io.batchinfer.shaded.io.netty.channel.epoll.Epoll;
import io.batchinfer.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.batchinfer.shaded.io.vertx.core.Vertx;
import io.batchinfer.shaded.io.vertx.core.VertxOptions;
import io.batchinfer.shaded.io.vertx.core.buffer.Buffer;
import io.batchinfer.shaded.io.vertx.core.http.HttpClientResponse;
import io.batchinfer.shaded.io.vertx.core.http.HttpMethod;
import io.batchinfer.shaded.org.jline.terminal.spi.TerminalProvider;
import java.util.concurrent.TimeUnit;

/** Uses the libraries inside the job jar by their relocated names and prints what it finds. */
class JobJarProbe {
  public static void main(String[] arguments) throws Exception {
    print("epoll", Epoll.isAvailable() ? "available" : Epoll.unavailabilityCause());
    print("round trip", roundTrip());
    print("host names", SslContextBuilder.forClient().build()
        .newEngine(ByteBufAllocator.DEFAULT, "localhost", 443)
        .getSSLParameters().getEndpointIdentificationAlgorithm());
    print("json", new ObjectMapper().readTree("{\"a\":[1,2]}").at("/a/1").asInt());
    print("tokens", Encodings.newLazyEncodingRegistry()
        .getEncoding(EncodingType.O200K_BASE).countTokens("hello world"));
    print("breaker", CircuitBreaker.ofDefaults("probe").getState());
    print("terminal", TerminalProvider.load("exec").name());
  }

  private static String roundTrip() throws Exception {
    Vertx vertx = Vertx.vertx(new VertxOptions().setPreferNativeTransport(true));
    try {
      int port = vertx.createHttpServer()
          .requestHandler(request -> request.body()
              .onSuccess(body -> request.response().end(Buffer.buffer("echo ").appendBuffer(body))))
          .listen(0, "127.0.0.1")
          .toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS)
          .actualPort();
      Buffer reply = vertx.createHttpClient()
          .request(HttpMethod.POST, port, "127.0.0.1", "/")
          .compose(request -> request.send("hello"))
          .compose(HttpClientResponse::body)
          .toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
      return reply + " native " + vertx.isNativeTransportEnabled();
    } finally {
      vertx.close().toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }
  }

  private static void print(String what, Object found) {
    System.out.println(what + " = " + found);
  }
}
