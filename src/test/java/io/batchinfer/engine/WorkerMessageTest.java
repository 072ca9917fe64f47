package io.batchinfer.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.WorkerRequest.Claim;
import io.batchinfer.engine.WorkerRequest.Commit;
import io.batchinfer.engine.WorkerRequest.Committed;
import io.batchinfer.engine.WorkerRequest.Engine;
import io.batchinfer.engine.WorkerRequest.Hello;
import io.batchinfer.engine.WorkerRequest.Leave;
import io.batchinfer.engine.WorkerRequest.Notice;
import io.batchinfer.engine.WorkerRequest.Quota;
import io.batchinfer.engine.WorkerRequest.Release;
import io.batchinfer.engine.WorkerRequest.Trying;
import io.batchinfer.journal.SegmentName;
import io.batchinfer.model.Counts;
import io.batchinfer.model.EngineFigures;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.PartCounts;
import io.batchinfer.model.RowCounts;
import io.batchinfer.model.Spent;
import io.batchinfer.model.Usage;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class WorkerMessageTest {
  /** A mark and a protocol's number. */
  private static final int START = Integer.BYTES;

  private static WorkerMessage message(WorkerRequest request) {
    return new WorkerMessage("the-token", "x1", request);
  }

  private static final PartCounts PART =
      new PartCounts(
          new Counts(
              new RowCounts(5, 2), new Spent(9, 1, Usage.NONE), new TreeMap<>(Map.of("500", 2L))),
          3,
          100,
          7);

  private static final EngineFigures ENGINE =
      new EngineFigures(
          "the engine",
          EngineFigures.State.GIVEN_UP,
          "it is \"gone\"\nand printed 1 % of ü",
          List.of("0", "1"),
          Instant.parse("2026-11-29T04:05:06.789Z"),
          Duration.ofMillis(1_500),
          Duration.ofMinutes(3),
          2,
          1L << 40,
          7,
          Optional.of(Duration.ofMillis(61_250)));

  static Stream<WorkerRequest> requests() {
    return Stream.of(
        new Hello("pr\u00f6cess"),
        new Quota(new byte[] {1, -1, 127}),
        new Quota(new byte[1 << 16]),
        new Claim("w\u00f6rker"),
        new Trying(3, Integer.MAX_VALUE),
        new Commit(0),
        new Committed(Integer.MAX_VALUE, PART),
        new Release("w1"),
        new Leave(),
        new Notice("words".repeat(1 << 15)),
        new Engine("process", ENGINE));
  }

  @ParameterizedTest
  @MethodSource("requests")
  void aMessageOfEveryKindArrivesAsItWasSent(WorkerRequest request) {
    WorkerMessage received = WorkerMessage.decode(message(request).encode());

    assertThat(received).usingRecursiveComparison().isEqualTo(message(request));
  }

  @Test
  void everyKindIsTried() {
    assertThat(requests().map(WorkerRequest::kind)).contains(WorkerRequest.Kind.values());
  }

  @Test
  void aMessageShowsNeitherItsTokenNorWhatItCarries() {
    String shown = message(new Notice("the-key")).toString();

    assertThat(shown).contains("x1", "NOTICE").doesNotContain("the-token", "the-key");
  }

  @Test
  void aWorkerOfAnotherProtocolIsRefused() {
    byte[] encoded = message(new Leave()).encode();
    encoded[START - 1]++;

    assertThatThrownBy(() -> WorkerMessage.decode(encoded))
        .isInstanceOf(OtherBuildException.class)
        .hasMessageContaining("A worker runs batchinfer " + BuildVersion.CURRENT)
        .hasMessageContaining("protocol 5 instead of 4")
        .hasMessageContaining("spark.executor.extraClassPath");
  }

  @Test
  void aWorkerOfAnotherVersionIsRefused() {
    byte[] encoded = message(new Leave()).encode();
    encoded[START + Short.BYTES] = '9';

    assertThatThrownBy(() -> WorkerMessage.decode(encoded))
        .isInstanceOf(OtherBuildException.class)
        .hasMessageContaining("A worker runs batchinfer 9")
        .hasMessageContaining("its driver is batchinfer " + BuildVersion.CURRENT);
  }

  /** Before versions, messages began with a kind's number and the token. */
  @ParameterizedTest
  @EnumSource
  void aWorkerFromBeforeVersionsIsRefused(WorkerRequest.Kind kind) {
    byte[] before =
        ByteBuffer.allocate(64)
            .put((byte) kind.ordinal())
            .putShort((short) 36)
            .put("0123456789abcdef".getBytes(StandardCharsets.US_ASCII))
            .array();

    for (byte[] message : List.of(before, new byte[0], new byte[] {0})) {
      assertThatThrownBy(() -> WorkerMessage.decode(message))
          .isInstanceOf(OtherBuildException.class)
          .hasMessageContaining("older batchinfer");
    }
  }

  /** A change here wants another number of the protocol. */
  @Test
  void theBytesOfARequestAreThoseOfTheProtocolsNumber() {
    byte[] encoded = message(new Trying(3, 5)).encode();

    assertThat(ByteBuffer.wrap(encoded).getInt()).isEqualTo(0xBA7C_0004);
    assertThat(encoded).endsWith('x', '1', 3, 0, 0, 0, 3, 0, 0, 0, 5);
  }

  static Stream<ClaimAnswer> answers() {
    return Stream.of(
        ClaimAnswer.Nothing.LATER,
        ClaimAnswer.Nothing.FINISHED,
        new SplitClaim(0, Optional.empty(), List.of(), Optional.empty(), false, List.of()),
        new SplitClaim(
            Integer.MAX_VALUE,
            Optional.of(ErrorCode.BATCH_CANCELLED),
            List.of(SegmentName.parse("e00000001-x1-00000002.segment").orElseThrow()),
            Optional.empty(),
            true,
            List.of(1, 7)));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void anAnswerToAClaimArrivesAsItWasGiven(ClaimAnswer answer) {
    assertThat(ClaimAnswer.decode(answer.encode())).isEqualTo(answer);
  }
}
