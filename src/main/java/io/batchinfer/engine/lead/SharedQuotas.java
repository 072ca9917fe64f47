package io.batchinfer.engine.lead;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.RateOptions;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.quota.EndpointQuota;
import io.batchinfer.quota.QuotaLimits;
import io.batchinfer.time.SystemTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The limits of every endpoint and key that the runs of one driver use, each once. Thread-safe. */
public final class SharedQuotas implements AutoCloseable {
  /** What is known of an endpoint's capacity is kept for the next run so long. */
  private static final Duration KEPT_UNUSED = Duration.ofHours(1);

  private final SystemTime time = new SystemTime("batchinfer-quota");

  @GuardedBy("this")
  private final Map<Endpoint, Shared> shared = new HashMap<>();

  /** What a provider knows a caller by. */
  private record Endpoint(String addresses, Optional<String> key) {
    @Override
    public String toString() {
      return addresses;
    }
  }

  private static final class Shared {
    private final EndpointQuota quota;
    private final QuotaLimits configured;
    private boolean restricted;
    private int users;
    private long unusedSince;

    Shared(EndpointQuota quota, QuotaLimits configured) {
      this.quota = quota;
      this.configured = configured;
    }

    boolean fits(QuotaLimits limits) {
      return configured.equals(limits) && !restricted;
    }
  }

  /** The use of an endpoint's limits by one run; to be closed when it sends nothing any more. */
  public final class Use implements AutoCloseable {
    private final Shared of;
    private boolean over;

    private Use(Shared of) {
      this.of = of;
      of.users++;
    }

    public EndpointQuota quota() {
      return of.quota;
    }

    @Override
    public void close() {
      synchronized (SharedQuotas.this) {
        if (!over) {
          over = true;
          of.users--;
          of.unusedSince = time.nanos();
        }
      }
    }
  }

  /**
   * The limits of that endpoint and key. Where runs that use them at the same time have other
   * limits, the smallest of all hold until the last one has ended.
   *
   * @param key what is sent as the API key, which stays in memory
   */
  public synchronized Use use(ResolvedOptions options, Optional<String> key) {
    long now = time.nanos();
    shared
        .values()
        .removeIf(known -> known.users == 0 && now - known.unusedSince > KEPT_UNUSED.toNanos());
    QuotaLimits limits = limits(options);
    Endpoint endpoint = new Endpoint(place(options), key);
    Shared known = shared.get(endpoint);
    if (known == null || (known.users == 0 && !known.fits(limits))) {
      known = new Shared(new EndpointQuota(limits, time, time), limits);
      shared.put(endpoint, known);
    } else if (!known.configured.equals(limits)) {
      known.quota.restrict(limits);
      known.restricted = true;
    }
    return new Use(known);
  }

  /** Engines of one command are alike, and not like those of another. */
  private static String place(ResolvedOptions options) {
    return options
        .find(EngineOptions.ENGINE)
        .orElseGet(() -> String.join(" ", options.get(EndpointOptions.BASE_URL)));
  }

  /** The limits of an endpoint as the options have them. */
  public static QuotaLimits limits(ResolvedOptions options) {
    return new QuotaLimits(
        options.find(RateOptions.CONCURRENCY).orElse(0),
        options.find(RateOptions.REQUESTS_PER_MINUTE).orElse(0L),
        options.find(RateOptions.TOKENS_PER_MINUTE).orElse(0L),
        longestPause(options));
  }

  /** How long an endpoint may be away; an engine that is started again may take its time. */
  static Duration longestPause(ResolvedOptions options) {
    Duration configured = options.get(RetryOptions.MAX_COOL_DOWN);
    Duration start = options.get(EngineOptions.ENGINE_READY_TIMEOUT).plus(Duration.ofMinutes(5));
    return options.find(EngineOptions.ENGINE).isPresent() && start.compareTo(configured) > 0
        ? start
        : configured;
  }

  @Override
  public void close() {
    time.close();
  }
}
