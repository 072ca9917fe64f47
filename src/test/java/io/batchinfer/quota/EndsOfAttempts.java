package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.policy.StatusMeaning;
import java.util.Map;
import java.util.Optional;

/** Attempts that ended in one way or another, and rows that wait for one. */
final class EndsOfAttempts {
  private EndsOfAttempts() {}

  static Attempt answered() {
    return SimulatedCluster.answered();
  }

  static Attempt status(int status) {
    return SimulatedCluster.attempt(StatusMeaning.OVERLOADED, status, Optional.empty());
  }

  static Attempt broken() {
    return failed(StatusMeaning.CONNECTION_LOST, Kind.CONNECTION_LOST);
  }

  static Attempt refused() {
    return failed(StatusMeaning.UNREACHABLE, Kind.CONNECT_FAILED);
  }

  static Attempt withoutAddress() {
    return failed(StatusMeaning.UNREACHABLE, Kind.UNKNOWN_HOST);
  }

  static Attempt timedOut() {
    return failed(StatusMeaning.TIMED_OUT, Kind.TIMED_OUT);
  }

  static Attempt failed(StatusMeaning meaning, Kind kind) {
    return new Attempt(
        meaning, null, null, new TransportException(kind, "scripted", null), Optional.empty());
  }

  /** A row that no outage has met. */
  static WaitingRow row() {
    return row(1);
  }

  static WaitingRow row(long tokens) {
    return new WaitingRow(
        new OutboundRequest(
            "/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of(), tokens),
        new Neighbours().newRow());
  }

  /** A row that was under way in that many outages. */
  static WaitingRow rowOf(int outages) {
    return rowOf(outages, 1);
  }

  static WaitingRow rowOf(int outages, long tokens) {
    WaitingRow row = row(tokens);
    for (int outage = 1; outage <= outages; outage++) {
      row.outages().judged(OutageVerdict.SHARED, outage, true);
      var unused = row.outages().next(1, 5, false);
    }
    return row;
  }
}
