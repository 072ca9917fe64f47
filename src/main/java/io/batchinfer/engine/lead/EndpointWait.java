package io.batchinfer.engine.lead;

import io.batchinfer.config.Durations;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.RetryOptions;
import io.batchinfer.quota.QuotaAuthority.Waiting;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/**
 * Says in one line which endpoint a run waits for, since when and until when. Times of day are
 * those of the clock's zone. For one thread.
 */
public final class EndpointWait {
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("HH:mm:ss");
  private static final DateTimeFormatter DATE_AND_TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

  /** What two readings of the same moment may differ by. */
  private static final Duration SAME = Duration.ofSeconds(2);

  private final String firstAnswer;
  private final String laterAnswers;
  private final Clock clock;
  private Instant since = Instant.MIN;

  public EndpointWait(ResolvedOptions options, Clock clock) {
    this.clock = clock;
    this.laterAnswers =
        named(RetryOptions.MAX_COOL_DOWN.flag(), options.get(RetryOptions.MAX_COOL_DOWN));
    this.firstAnswer =
        options
            .find(RetryOptions.WAIT_FOR_ENDPOINT)
            .map(wait -> named(RetryOptions.WAIT_FOR_ENDPOINT.flag(), wait))
            .orElse(laterAnswers);
  }

  private static String named(String flag, Duration value) {
    return flag + " " + Durations.format(value);
  }

  /** The line, or an empty one when nothing is waited for. */
  public String words(Optional<Waiting> waiting) {
    if (waiting.isEmpty()) {
      return "";
    }
    Waiting away = waiting.get();
    Instant read = clock.instant().minus(away.lasting());
    since = Duration.between(since, read).abs().compareTo(SAME) < 0 ? since : read;
    String how = "%s %s since %s".formatted(away.replica(), away.how(), shown(since));
    if (!away.all()) {
      return how + "; its requests go to the others";
    }
    return "%s; waiting until %s, %s"
        .formatted(
            how,
            shown(since.plus(away.patience())),
            away.beforeFirstSuccess() ? firstAnswer : laterAnswers);
  }

  /** The time of day, with the date unless it is today. */
  private String shown(Instant moment) {
    var local = moment.atZone(clock.getZone());
    boolean today =
        local.toLocalDate().equals(clock.instant().atZone(clock.getZone()).toLocalDate());
    return local.format(today ? TIME : DATE_AND_TIME);
  }
}
