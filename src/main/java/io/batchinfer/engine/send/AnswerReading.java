package io.batchinfer.engine.send;

import io.batchinfer.client.AnswerReader;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.estimate.Pricing;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.row.PlausibleUsage;
import io.batchinfer.row.ReplyReader;
import java.util.Optional;

/**
 * Reads answers strictly, and leniently where a whole answer with a status of success would
 * otherwise be lost although it is paid for; prices what it reports. Thread-safe.
 */
final class AnswerReading implements AnswerReader {
  private static final byte[] NO_JSON = {};

  private final Pricing pricing;
  private final Optional<AnswerCheck> check;

  AnswerReading(Pricing pricing) {
    this(pricing, Optional.empty());
  }

  /**
   * @param check says whether answers fit the job's schema, where it has one
   */
  AnswerReading(Pricing pricing, Optional<AnswerCheck> check) {
    this.pricing = pricing;
    this.check = check;
  }

  @Override
  public Reading read(OutboundRequest request, Reply reply) {
    if (reply.form() == Reply.Form.ENCODED) {
      return new Reading(reply, ReplyFacts.NOT_JSON);
    }
    ReplyFacts facts = ReplyReader.read(request.path(), reply.body());
    if (facts.json() || !reply.isSuccess()) {
      return reading(request, reply, facts);
    }
    return ReplyReader.readLeniently(request.path(), reply.body())
        .map(
            mended ->
                new Reading(
                    reply.with(mended.body()),
                    checked(mended.body(), priced(request, reply, mended.facts()))))
        .orElse(new Reading(reply, facts));
  }

  private Reading reading(OutboundRequest request, Reply reply, ReplyFacts facts) {
    ReplyFacts priced = priced(request, reply, facts);
    return new Reading(reply, reply.isSuccess() ? checked(reply.body(), priced) : priced);
  }

  private ReplyFacts checked(byte[] body, ReplyFacts facts) {
    return check.isEmpty() || facts.isError() ? facts : check.get().checked(body, facts);
  }

  private ReplyFacts priced(OutboundRequest request, Reply reply, ReplyFacts facts) {
    OutboundRequest.Entity entity = request.entity();
    byte[] json = entity instanceof OutboundRequest.Json body ? body.content() : NO_JSON;
    Usage stated = facts.usage();
    Usage plausible = PlausibleUsage.bounded(stated, json, entity.bytes(), reply.body().length);
    ReplyFacts believed = plausible.equals(stated) ? facts : facts.disbelieving(plausible);
    return pricing.priced(request.model(), believed);
  }
}
