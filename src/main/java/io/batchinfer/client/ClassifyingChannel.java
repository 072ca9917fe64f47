package io.batchinfer.client;

import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.RetryAfter;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.StatusMeaning;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** Turns answers and exceptions of a transport into attempts with a meaning. */
final class ClassifyingChannel implements AttemptChannel {
  private static final byte[] NO_BODY = {};

  private final InferenceChannel transport;
  private final AnswerReader reader;
  private final Clock clock;

  ClassifyingChannel(InferenceChannel transport, AnswerReader reader, Clock clock) {
    this.transport = transport;
    this.reader = reader;
    this.clock = clock;
  }

  @Override
  public CompletionStage<Attempt> attempt(OutboundRequest request, RowHistory history) {
    return transport
        .send(request)
        .handle(
            (reply, failure) ->
                failure == null ? ofReply(request, reply, history) : ofFailure(failure, history));
  }

  private Attempt ofReply(OutboundRequest request, Reply received, RowHistory history) {
    AnswerReader.Reading reading =
        reader.read(request, Objects.requireNonNull(received, "neither a reply nor a failure"));
    Reply reply = reading.reply();
    ReplyFacts facts = reading.facts();
    StatusMeaning meaning = history.next(meaningOf(reply, facts), reply.status(), reply.body());
    return new Attempt(
        meaning,
        reply,
        facts,
        null,
        reply.isSuccess()
            ? Optional.empty()
            : RetryAfter.of(
                reply.headers()::get,
                meaning.isLackOfRoom() || meaning.isThrottled(),
                clock.instant()));
  }

  private static Attempt ofFailure(Throwable thrown, RowHistory history) {
    Throwable cause =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (!(cause instanceof TransportException failure)) {
      throw new CompletionException(cause);
    }
    StatusMeaning meaning = history.next(meaningOf(failure.kind()), 0, NO_BODY);
    return new Attempt(meaning, null, null, failure, Optional.empty());
  }

  /** What has no end of its own and cannot be read may have been cut off. */
  private static StatusMeaning meaningOf(Reply reply, ReplyFacts facts) {
    StatusMeaning meaning = StatusMeaning.of(reply.status(), facts);
    return meaning == StatusMeaning.NOT_JSON && reply.form() == Reply.Form.UNTIL_CLOSE
        ? StatusMeaning.UNUSABLE
        : meaning;
  }

  private static StatusMeaning meaningOf(Kind kind) {
    return switch (kind) {
      case UNKNOWN_HOST, CONNECT_FAILED, TLS_FAILED -> StatusMeaning.UNREACHABLE;
      case FENCED -> StatusMeaning.NOT_SENT;
      case CONNECTION_LOST -> StatusMeaning.CONNECTION_LOST;
      case TIMED_OUT -> StatusMeaning.TIMED_OUT;
      case RESPONSE_TOO_LARGE -> StatusMeaning.TOO_LARGE;
      case MALFORMED_RESPONSE -> StatusMeaning.UNUSABLE;
    };
  }
}
