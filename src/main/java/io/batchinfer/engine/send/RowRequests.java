package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.TokenGuess;
import io.batchinfer.model.RowId;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.PromptCacheKey;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.LineReader;

/** Makes requests of lines, and of requests what goes over the wire. Not thread-safe. */
final class RowRequests {
  private final RequestLineParser parser;
  private final AudioForms transcriptions;
  private final IdempotencyKeys idempotencyKeys;
  private final boolean promptCacheKeys;

  RowRequests(JobView job, AudioForms transcriptions) {
    this.parser = new RequestLineParser(job.rules());
    this.transcriptions = transcriptions;
    this.idempotencyKeys = new IdempotencyKeys(job.spec().idempotencySeed());
    this.promptCacheKeys = job.spec().setsPromptCacheKeys();
  }

  /** The line that a reader stands at. */
  ParsedLine parse(LineReader line) {
    return transcriptions.check(parser.parse(line.bytes(), line.start(), line.length()));
  }

  /**
   * What is sent for a row.
   *
   * @param round the reopening that made a refusal of the row void; 0 where there was none
   * @param group what is the same for rows that begin alike; 0 for one that is like no other
   */
  OutboundRequest outbound(RowId row, Request request, int round, long group) {
    return new OutboundRequest(
            request.path(),
            entity(request, group),
            idempotencyKeys.headers(row, round),
            request.model(),
            TokenGuess.of(request))
        .inGroup(group);
  }

  private OutboundRequest.Entity entity(Request request, long group) {
    return promptCacheKeys && group != 0 && PromptCacheKey.belongsTo(request.path())
        ? new OutboundRequest.Json(PromptCacheKey.put(request.body(), group))
        : transcriptions.entity(request);
  }
}
