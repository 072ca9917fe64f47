package io.batchinfer.engine.send;

import io.batchinfer.client.OutboundRequest;
import io.batchinfer.engine.AudioForms;
import io.batchinfer.engine.TokenGuess;
import io.batchinfer.model.RowId;
import io.batchinfer.row.ParsedLine;
import io.batchinfer.row.ParsedLine.Request;
import io.batchinfer.row.RequestLineParser;
import io.batchinfer.storage.LineReader;

/** Makes requests of lines, and of requests what goes over the wire. Not thread-safe. */
final class RowRequests {
  private final RequestLineParser parser;
  private final AudioForms transcriptions;
  private final IdempotencyKeys idempotencyKeys;

  RowRequests(JobView job, AudioForms transcriptions) {
    this.parser = new RequestLineParser(job.rules());
    this.transcriptions = transcriptions;
    this.idempotencyKeys = new IdempotencyKeys(job.spec().idempotencySeed());
  }

  /** The line that a reader stands at. */
  ParsedLine parse(LineReader line) {
    return transcriptions.check(parser.parse(line.bytes(), line.start(), line.length()));
  }

  /**
   * What is sent for a row.
   *
   * @param round the reopening that made a refusal of the row void; 0 where there was none
   */
  OutboundRequest outbound(RowId row, Request request, int round) {
    return new OutboundRequest(
        request.path(),
        transcriptions.entity(request),
        idempotencyKeys.headers(row, round),
        request.model(),
        TokenGuess.of(request));
  }
}
