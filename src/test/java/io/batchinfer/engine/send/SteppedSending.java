package io.batchinfer.engine.send;

import io.batchinfer.client.AnswerReader;
import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.Settlement;
import io.batchinfer.journal.JournalEntry;
import io.batchinfer.journal.JournalWriter;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.quota.QuotaReply;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Rows;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.QuotaSession;
import io.batchinfer.testing.InMemoryFiles;
import io.batchinfer.testing.SteppedTime;
import io.batchinfer.time.Elapsed;
import io.batchinfer.time.TickerClock;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * What a process sends rows with, in stepped time: the test answers its questions to the driver and
 * ends its requests, each when it likes. Rows are made durable only when somebody asks for it.
 */
final class SteppedSending implements AutoCloseable {
  /** An answer that does not fit the job's schema, so that its row is asked again. */
  static final String MISFIT = "misfit";

  static final String SEGMENTS = "/out/segments";
  private static final Duration NEVER = Duration.ofDays(1);

  final SteppedTime time = new SteppedTime(SteppedSending::unexpected);
  final Clock clock = new TickerClock(time);
  final Elapsed elapsed = new Elapsed(time, clock);
  final InMemoryFiles files = InMemoryFiles.filesystem();

  /** Questions to the driver that are open; there is one at most. */
  final Deque<CompletableFuture<QuotaReply>> questions = new ArrayDeque<>();

  /** Requests under way, in the order in which they went out. */
  final Deque<CompletableFuture<Reply>> underWay = new ArrayDeque<>();

  final ProcessFailure failure = new ProcessFailure();
  final QuotaSession quota =
      new QuotaSession(
          "session",
          request -> {
            CompletableFuture<QuotaReply> answer = new CompletableFuture<>();
            questions.add(answer);
            return answer;
          },
          elapsed,
          time,
          time,
          () -> Progress.ZERO,
          reply -> StatedLimits.NONE);
  final RetryingChannel channel =
      ChannelStack.assemble(
          List.of(this::transport),
          quota::limit,
          new RetryRule(5, 1).withRepairs(3),
          SteppedSending::reading,
          time,
          time,
          clock,
          SteppedSending::unexpected);
  final JournalWriter journal = new JournalWriter(files, SEGMENTS, 1, "w", time, NEVER);
  final RowRoom room = new RowRoom(() -> 1L << 30, quota, journal, 0, 1, words -> {});
  final Drain drain = new Drain(quota, channel, room, journal, failure, time, elapsed);

  private static void unexpected(Throwable thrown) {
    throw new AssertionError("nothing of the kind was to be thrown", thrown);
  }

  private CompletionStage<Reply> transport(OutboundRequest request) {
    CompletableFuture<Reply> reply = new CompletableFuture<>();
    underWay.add(reply);
    return reply;
  }

  private static AnswerReader.Reading reading(OutboundRequest request, Reply reply) {
    ReplyFacts facts = new ReplyFacts(true, new Usage(3, 4), "", "");
    boolean fits = !new String(reply.body(), StandardCharsets.UTF_8).equals(MISFIT);
    return new AnswerReader.Reading(
        reply, fits ? facts : facts.with(new Misfit(ErrorCode.SCHEMA_MISMATCH, "no")));
  }

  /** Begins, with that many slots. */
  SteppedSending start(int slots) {
    quota.start(room::close, SteppedSending::unexpected);
    answer(slots, NEVER);
    return this;
  }

  /**
   * The driver answers the question that is open.
   *
   * @param fence how long after the question requests may go out
   */
  void answer(int slots, Duration fence) {
    answer(slots, new Leave(fence.toNanos(), 0, List.of(), false));
  }

  /** The driver answers that nothing is to go out any more. */
  void answerStopped() {
    answer(0, new Leave(NEVER.toNanos(), 0, List.of(), true));
  }

  private void answer(int slots, Leave leave) {
    questions
        .remove()
        .complete(
            new QuotaReply(
                slots, List.of(), new Rows(new long[0], new long[0]), new Rate(true, 0), leave, 0));
  }

  /** Sends a row, which is journalled when it is settled. */
  CompletableFuture<Settlement> send() {
    OutboundRequest request =
        new OutboundRequest(
            "/v1/chat/completions", new OutboundRequest.Json(new byte[0]), Map.of(), 1);
    return channel
        .send(request, false)
        .whenComplete((settlement, thrown) -> append())
        .toCompletableFuture();
  }

  /** A row is settled. */
  void append() {
    CompletionStage<Void> unused =
        journal.append(
            0,
            new JournalEntry(
                0, true, false, AnswerMarks.NONE, 1, 0, Usage.NONE, "", new byte[] {'{', '}'}));
  }

  /** Ends the request that has been under way for longest, after that time. */
  void endAfter(Duration delay, int status, String body) {
    CompletableFuture<Reply> oldest = underWay.remove();
    Reply reply = new Reply(status, name -> null, body.getBytes(StandardCharsets.UTF_8));
    time.schedule(() -> oldest.complete(reply), delay);
  }

  /** Ends the request that has been under way for longest. */
  void end(int status, String body) {
    endAfter(Duration.ZERO, status, body);
    time.advance(Duration.ZERO);
  }

  /** How much time has passed. */
  Duration passed() {
    return Duration.ofNanos(time.nanos());
  }

  /** Whether all that is settled is durable. */
  boolean isDurable() {
    return journal.unflushedBytes() == 0;
  }

  @Override
  public void close() {
    quota.close();
    room.close();
    journal.close();
    time.close();
  }
}
