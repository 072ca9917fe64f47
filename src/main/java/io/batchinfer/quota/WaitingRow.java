package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.policy.RowHistory;
import io.batchinfer.policy.RowOutages;
import io.batchinfer.quota.CacheSigns.Company;
import java.util.concurrent.CompletableFuture;

/** An attempt that waits to be let out. */
final class WaitingRow {
  private final OutboundRequest request;
  private final RowHistory history;
  private final CompletableFuture<Attempt> result = new CompletableFuture<>();
  private long charged;
  private long arrival;
  private Company company = Company.ANY;

  WaitingRow(OutboundRequest request, RowHistory history) {
    this.request = request;
    this.history = history;
  }

  OutboundRequest request() {
    return request;
  }

  RowHistory history() {
    return history;
  }

  RowOutages outages() {
    return history.outages();
  }

  CompletableFuture<Attempt> result() {
    return result;
  }

  /** When it came, among those that wait with it. */
  long arrival() {
    return arrival;
  }

  void arrived(long number) {
    arrival = number;
  }

  /** How it went out, as to those that begin like it. */
  Company company() {
    return company;
  }

  void went(Company in) {
    company = in;
  }

  /** Tokens that were taken for it. */
  long charged() {
    return charged;
  }

  void charge(long tokens) {
    charged = tokens;
  }
}
