package io.batchinfer.service;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.api.ApiError;
import io.batchinfer.store.Workspace;
import io.batchinfer.time.Ticker;
import io.vertx.core.http.HttpServerResponse;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Holds the calls of each workspace to its number per minute: a bucket that holds ten seconds'
 * worth. Thread-safe.
 */
final class CallRates {
  private static final double BUCKET_SECONDS = 10;

  private final Ticker ticker;

  @GuardedBy("this")
  private final Map<String, Bucket> buckets = new HashMap<>();

  CallRates(Ticker ticker) {
    this.ticker = ticker;
  }

  private static final class Bucket {
    private double calls;
    private long at;
  }

  /** The refusal of a call that is one too many, or null. */
  synchronized @Nullable ApiError refuse(Workspace workspace, HttpServerResponse response) {
    Optional<Long> limit = workspace.requestsPerMinute();
    if (limit.isEmpty()) {
      return null;
    }
    double perSecond = limit.get() / 60.0;
    double most = Math.max(1, perSecond * BUCKET_SECONDS);
    long now = ticker.nanos();
    @Nullable Bucket bucket = buckets.get(workspace.name());
    if (bucket == null) {
      bucket = new Bucket();
      bucket.calls = most;
      buckets.put(workspace.name(), bucket);
    } else {
      bucket.calls = Math.min(most, bucket.calls + perSecond * (now - bucket.at) / 1e9);
    }
    bucket.at = now;
    if (bucket.calls >= 1) {
      bucket.calls--;
      return null;
    }
    double seconds = (1 - bucket.calls) / perSecond;
    response.putHeader("retry-after", Long.toString((long) Math.ceil(seconds)));
    response.putHeader("retry-after-ms", Long.toString((long) Math.ceil(seconds * 1000)));
    return new ApiError(
        429,
        "rate_limit_error",
        null,
        "rate_limit_exceeded",
        "Workspace \"%s\" may make %,d calls a minute; come back in %.1f s."
            .formatted(workspace.name(), limit.get(), seconds));
  }
}
