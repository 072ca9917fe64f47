package io.batchinfer.engine.send;

import io.batchinfer.client.AnswerReader;
import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.remote.RemoteLine;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the end of a row from what a batch service said of it: as if the endpoint had answered the
 * row itself, at the price of the service. Thread-safe.
 */
final class RemoteEnds {
  private final Pricing full;
  private final AnswerReading reading;
  private final OutcomeClassifier classifier;

  RemoteEnds(RunSpec spec, OutcomeClassifier classifier) {
    this.full = spec.pricing();
    this.reading =
        new AnswerReading(
            spec.pricing().ofBatches(),
            // What cannot be checked counts as a misfit.
            spec.answerSchema().map(schema -> new AnswerCheck(schema, unchecked -> {})));
    this.classifier = classifier;
  }

  /**
   * An end.
   *
   * @param saved what the service took off the price of the answer
   */
  record Fetched(RowEnd end, Cost saved) {}

  Fetched endOf(RowFate.Fetched fetched) {
    RemoteLine line = fetched.line();
    if (line.status() == 0) {
      return new Fetched(
          new RowEnd(unanswered(line), fetched.attempts(), 0, Stop.NEVER), Cost.NONE);
    }
    OutboundRequest request =
        new OutboundRequest(
            fetched.request().path(),
            new OutboundRequest.Json(fetched.request().body()),
            Map.of(),
            fetched.request().model(),
            0);
    Reply reply =
        new Reply(
            line.status(),
            name ->
                name.equalsIgnoreCase("x-request-id") && !line.requestId().isEmpty()
                    ? line.requestId()
                    : null,
            line.body());
    AnswerReader.Reading read = reading.read(request, reply);
    Attempt attempt =
        new Attempt(
            StatusMeaning.of(line.status(), read.facts()),
            read.reply(),
            read.facts(),
            null,
            Optional.empty());
    RowEnd end = classifier.end(new Settlement(attempt, fetched.attempts(), 0, 0, false));
    // A job of which this row is one of thousands that are paid for does not stop for it.
    return new Fetched(
        new RowEnd(end.outcome(), end.attempts(), end.mayHaveRun(), Stop.NEVER),
        saved(request, read.facts()));
  }

  private Cost saved(OutboundRequest request, ReplyFacts facts) {
    Cost paid = facts.usage().cost();
    Cost price = full.priced(request.model(), facts).usage().cost();
    if (price.equals(Cost.NONE)) {
      return Cost.NONE;
    }
    return price.isKnown() && paid.isKnown()
        ? Cost.of(price.billionths() - paid.billionths())
        : Cost.UNKNOWN;
  }

  private static Unanswered unanswered(RemoteLine line) {
    ErrorCode code =
        switch (line.code()) {
          case "batch_expired" -> ErrorCode.BATCH_EXPIRED;
          case "batch_cancelled" -> ErrorCode.BATCH_CANCELLED;
          case "request_timeout" -> ErrorCode.REQUEST_TIMEOUT;
          default -> ErrorCode.INVALID_RESPONSE;
        };
    String words = line.message().isEmpty() ? "no reason is given" : line.message();
    return new Unanswered(
        code,
        "The provider's batch service gave no answer: %s%s"
            .formatted(line.code().isEmpty() ? "" : line.code() + ": ", words),
        null);
  }
}
