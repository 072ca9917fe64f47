package io.batchinfer.quota;

import io.batchinfer.quota.QuotaRequest.StatedLimits;
import java.util.ArrayList;
import java.util.List;

/** The rates that the endpoint states; each is kept where none was given. Not thread-safe. */
final class StatedRates {
  private final RatePacer pacer;
  private StatedLimits stated = StatedLimits.NONE;

  StatedRates(RatePacer pacer) {
    this.pacer = pacer;
  }

  /**
   * Keeps what an answer states.
   *
   * @param given the limits that are kept whatever the endpoint states
   * @return what is to be said of it
   */
  List<String> learn(StatedLimits told, QuotaLimits given, long now) {
    List<String> notes = new ArrayList<>();
    long requests = given.requestsPerMinute() == 0 ? told.requestsPerMinute() : 0;
    long tokens = given.tokensPerMinute() == 0 ? told.tokensPerMinute() : 0;
    if (requests > 0 && requests != stated.requestsPerMinute()) {
      pacer.limitRequests(requests, now);
      notes.add("The endpoint states a limit of %d requests/min; it is kept.".formatted(requests));
    }
    if (tokens > 0 && tokens != stated.tokensPerMinute()) {
      pacer.limitTokens(tokens, now);
      notes.add("The endpoint states a limit of %d tokens/min; it is kept.".formatted(tokens));
    }
    stated =
        new StatedLimits(
            requests > 0 ? requests : stated.requestsPerMinute(),
            tokens > 0 ? tokens : stated.tokensPerMinute());
    return notes;
  }
}
