package io.batchinfer.engine.send;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.TransportException;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.Usage;
import io.batchinfer.row.StoredBody;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the end of a row from the end of its way through the channel stack. Thread-safe. */
final class OutcomeClassifier {

  private final SecretMask mask;
  private final boolean engines;
  private final KeptText keptText;
  private final Consumer<Throwable> unexpected;

  /** Of rows that go to endpoints which are there whether the job runs or not. */
  OutcomeClassifier(SecretMask mask, Consumer<Throwable> unexpected) {
    this(mask, false, unexpected);
  }

  /**
   * @param engines whether the job has started the servers itself, which makes what they do twice
   *     nobody's loss
   * @param unexpected is told what an answer could not be made an outcome for
   */
  OutcomeClassifier(SecretMask mask, boolean engines, Consumer<Throwable> unexpected) {
    this.mask = mask;
    this.engines = engines;
    this.unexpected = unexpected;
    this.keptText = new KeptText(mask);
  }

  RowEnd end(Settlement settlement) {
    return new RowEnd(
        outcome(settlement),
        settlement.attempts(),
        engines ? 0 : settlement.mayHaveRun(),
        settlement.last().meaning().stop());
  }

  private RowOutcome outcome(Settlement settlement) {
    if (settlement.crashesEndpoint()) {
      return new Unanswered(
          engines ? ErrorCode.ROW_CRASHES_ENGINE : ErrorCode.ROW_CRASHES_ENDPOINT,
          "The %s went away while this request was under way: with others beside it, and again. It was sent %d times."
              .formatted(engines ? "engine" : "endpoint", settlement.attempts()),
          null);
    }
    try {
      return ofLast(settlement.last(), settlement.usedBefore());
    } catch (RuntimeException | StackOverflowError e) {
      unexpected.accept(e);
      return unusable(e);
    }
  }

  /**
   * What becomes of a row whose answer this program fails on: asked again, it would be the same.
   */
  static Unanswered unusable(Throwable e) {
    return new Unanswered(
        ErrorCode.INVALID_RESPONSE,
        "The endpoint's answer could not be made a result line (%s); it was paid for and is not kept."
            .formatted(e.getClass().getSimpleName()),
        null);
  }

  private RowOutcome ofLast(Attempt last, Usage usedBefore) {
    Reply reply = last.reply();
    ReplyFacts facts = last.facts();
    if (reply == null || facts == null) {
      return unanswered(last.failure());
    }
    return reply.isSuccess() && !facts.json()
        ? keptText.of(reply, requestId(reply))
        : answered(reply, facts.with(facts.usage().plus(usedBefore)));
  }

  private RowOutcome answered(Reply reply, ReplyFacts facts) {
    Answered answer = answer(reply, facts);
    return answer.isSuccess() && facts.misfit().isPresent()
        ? new Unfit(answer, masked(facts.misfit().get()))
        : answer;
  }

  private Misfit masked(Misfit misfit) {
    return new Misfit(misfit.code(), mask.apply(misfit.message()));
  }

  private Answered answer(Reply reply, ReplyFacts facts) {
    byte[] masked = mask.apply(reply.body());
    boolean success = reply.isSuccess() && !facts.isError();
    return new Answered(
        reply.status(),
        requestId(reply),
        facts.json() ? StoredBody.ofJson(masked) : StoredBody.ofText(masked),
        facts.usage(),
        success && facts.misfit().isEmpty() ? facts.marks() : AnswerMarks.NONE,
        success ? "" : facts.refusal(reply.status()));
  }

  private String requestId(Reply reply) {
    String requestId = reply.headers().get("x-request-id");
    return requestId == null ? "" : mask.apply(requestId);
  }

  private Unanswered unanswered(@Nullable TransportException failure) {
    if (failure == null) {
      return new Unanswered(ErrorCode.CONNECTION_ERROR, "The request was never sent.", null);
    }
    ErrorCode code =
        switch (failure.kind()) {
          case TIMED_OUT -> ErrorCode.REQUEST_TIMEOUT;
          case RESPONSE_TOO_LARGE -> ErrorCode.RESPONSE_TOO_LARGE;
          case MALFORMED_RESPONSE -> ErrorCode.INVALID_RESPONSE;
          case UNKNOWN_HOST, CONNECT_FAILED, TLS_FAILED, FENCED, CONNECTION_LOST ->
              ErrorCode.CONNECTION_ERROR;
        };
    return new Unanswered(code, mask.apply(String.valueOf(failure.getMessage())), null);
  }
}
