package io.batchinfer.engine.lead;

import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ReadingOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.SavingOptions;
import io.batchinfer.remote.BatchFill;
import java.time.Duration;

/**
 * How a run uses a provider's batch service.
 *
 * @param fill what a batch may hold
 * @param pending most batches there at a time
 * @param queuedTokens most tokens of these
 * @param queuedRequests most requests of these
 * @param window how long a batch may take, in the provider's form
 * @param firstPoll wait after which a new batch is looked at
 * @param longestPoll between two looks
 * @param lag how far the provider's lists and files may be behind
 * @param keepFiles whether files stay at the provider
 */
record RemoteSettings(
    BatchFill fill,
    int pending,
    long queuedTokens,
    long queuedRequests,
    String window,
    Duration firstPoll,
    Duration longestPoll,
    Duration lag,
    boolean keepFiles) {
  private static final long USUAL_LINES = 50_000;
  private static final long USUAL_BYTES = 100_000_000;

  static RemoteSettings of(ResolvedOptions options) {
    long queuedTokens = options.find(SavingOptions.BATCH_QUEUED_TOKENS).orElse(Long.MAX_VALUE);
    long queuedRequests = options.find(SavingOptions.BATCH_QUEUED_REQUESTS).orElse(Long.MAX_VALUE);
    long lines =
        options
            .find(ReadingOptions.MAX_FILE_LINES)
            .or(() -> options.profile().flatMap(ProviderProfile::maxBatchLines))
            .orElse(USUAL_LINES);
    long bytes =
        options
            .find(ReadingOptions.MAX_FILE_BYTES)
            .or(() -> options.profile().flatMap(ProviderProfile::maxBatchBytes))
            .orElse(USUAL_BYTES);
    Duration first = options.get(SavingOptions.POLL_INTERVAL);
    Duration longest = options.get(SavingOptions.MAX_POLL_INTERVAL);
    return new RemoteSettings(
        new BatchFill(Math.min(lines, queuedRequests), bytes, queuedTokens, false),
        options.get(SavingOptions.BATCH_PENDING),
        queuedTokens,
        queuedRequests,
        options.get(SavingOptions.BATCH_WINDOW),
        first,
        longest.compareTo(first) < 0 ? first : longest,
        options.get(SavingOptions.BATCH_LAG),
        options.get(SavingOptions.KEEP_REMOTE_FILES));
  }
}
