package io.batchinfer.spark;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.quota.DriverPort;
import io.batchinfer.testing.SharedSpark;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.apache.spark.SparkEnv;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the driver's side does with a message, who sent it is not left without an answer. */
class AuthorityEndpointTest extends SharedSpark {
  private static final byte[] MESSAGE = "message".getBytes(StandardCharsets.US_ASCII);

  private final AtomicReference<Throwable> broken = new AtomicReference<>();

  private byte[] ask(DriverPort authority) throws Exception {
    String name = "authority-" + UUID.randomUUID();
    try (AuthorityEndpoint endpoint =
        new AuthorityEndpoint(SparkEnv.get().rpcEnv(), name, authority, broken::set)) {
      return new RpcDriverPort(name)
          .ask(MESSAGE)
          .toCompletableFuture()
          .get(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    }
  }

  @Test
  void anAnswerArrives() throws Exception {
    assertThat(ask(CompletableFuture::completedFuture)).isEqualTo(MESSAGE);
    assertThat(broken).hasNullValue();
  }

  static Stream<Throwable> failures() {
    return Stream.of(
        new OutOfMemoryError("scripted"),
        new AssertionError("scripted"),
        new IllegalStateException("scripted"));
  }

  private static CompletionStage<byte[]> raise(Throwable thrown) {
    if (thrown instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) thrown;
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whatIsThrownIsTheAnswer(Throwable thrown) {
    assertThatThrownBy(() -> ask(message -> raise(thrown)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("scripted");
    assertThat(broken.get()).isEqualTo(thrown instanceof Error ? thrown : null);
  }

  @ParameterizedTest
  @MethodSource("failures")
  void whatFailsLaterIsTheAnswer(Throwable thrown) {
    assertThatThrownBy(
            () ->
                ask(
                    message ->
                        CompletableFuture.supplyAsync(
                            () -> raise(thrown).toCompletableFuture().join())))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("scripted");
    assertThat(broken.get()).isEqualTo(thrown instanceof Error ? thrown : null);
  }

  @Test
  @NullUnmarked // answers null where it must not
  void noAnswerIsOne() {
    assertThatThrownBy(() -> ask(message -> CompletableFuture.completedFuture(null)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("no answer");
    assertThat(broken.get()).isInstanceOf(AssertionError.class);
    assertThatThrownBy(() -> ask(message -> null)).isInstanceOf(ExecutionException.class);
  }
}
