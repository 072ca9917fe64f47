package io.batchinfer.engine.lead;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CoursePoint.Attempts;
import io.batchinfer.course.CoursePoint.Latencies;
import io.batchinfer.course.CoursePoint.Limits;
import io.batchinfer.course.CoursePoint.Load;
import io.batchinfer.course.CoursePoint.Moment;
import io.batchinfer.course.CoursePoint.Processors;
import io.batchinfer.course.CoursePoint.Rows;
import io.batchinfer.course.CoursePoint.Spent;
import io.batchinfer.course.CourseRecording;
import io.batchinfer.course.HeldBy;
import io.batchinfer.engine.ProcessorMeter;
import io.batchinfer.job.RunListener;
import io.batchinfer.model.Counts;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.ProcessReading;
import io.batchinfer.quota.QuotaAuthority;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.RateState;
import io.batchinfer.storage.StorageException;
import io.batchinfer.time.Ticker;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Notes how sending goes for the course of the run. For one thread. */
final class SendingCourse {
  /** What holds a run up is looked at so often. */
  private static final Duration LOOK_INTERVAL = Duration.ofMillis(500);

  private final CourseRecording recording;
  private final QuotaAuthority quota;
  private final JobPrices prices;
  private final Ticker ticker;
  private final Clock clock;
  private final RunListener listener;
  private final Map<HeldBy, Long> heldNanos = new EnumMap<>(HeldBy.class);
  private LatencyHistogram latencies = LatencyHistogram.NONE;
  private HeldBy heldBy = HeldBy.NONE;
  private ProcessorTime driver = ProcessorMeter.HERE.read();
  private ProcessorTime executors = ProcessorTime.NONE;
  private long lookedAt;
  private boolean unsaved;

  /** Sending begins, which is stored at once: a run that is killed right away was there as well. */
  SendingCourse(CourseRecording recording, RunContext run, JobPrices prices, QuotaAuthority quota) {
    this.recording = recording;
    this.quota = quota;
    this.prices = prices;
    this.ticker = run.time();
    this.clock = run.clock();
    this.listener = run.listener();
    this.lookedAt = ticker.nanos();
    save(clock.millis());
  }

  /**
   * To be called all the time; does something now and then.
   *
   * @param settled what is settled of the job, earlier runs included
   * @param mayWrite whether the output is this run's to write
   */
  void look(Counts settled, boolean mayWrite) {
    long nanos = ticker.nanos();
    if (nanos - lookedAt < LOOK_INTERVAL.toNanos()) {
      return;
    }
    RateState state = quota.state();
    held(state, nanos);
    long now = clock.millis();
    if (recording.isDue(now)) {
      recording.add(point(now, settled, state));
    }
    if (mayWrite) {
      save(now);
    }
  }

  /** Notes how far the job is when sending is over. */
  void end(Counts settled) {
    RateState state = quota.state();
    held(state, ticker.nanos());
    recording.add(point(clock.millis(), settled, state));
  }

  private void held(RateState state, long nanos) {
    heldBy = HeldBy.ofWord(state.bound().name().toLowerCase(Locale.ROOT));
    heldNanos.merge(heldBy, nanos - lookedAt, Long::sum);
    lookedAt = nanos;
  }

  private void save(long now) {
    try {
      unsaved &= !recording.save(now);
    } catch (StorageException e) {
      if (!unsaved) {
        unsaved = true;
        listener.notice(
            "How the run goes could not be written down, which is tried again: " + e.getMessage());
      }
    }
  }

  private CoursePoint point(long now, Counts settled, RateState state) {
    ProcessReading reading = quota.reading();
    quota.cutAfter().ifPresent(recording::cutAfter);
    LatencyHistogram all = reading.totals().progress().latencies();
    LatencyHistogram news = all.minus(latencies);
    latencies = all;
    TreeMap<HeldBy, Long> held = new TreeMap<>();
    heldNanos.forEach((what, nanos) -> held.put(what, Duration.ofNanos(nanos).toMillis()));
    heldNanos.clear();
    return new CoursePoint(
        now,
        new Rows(settled.settled(), settled.failed(), settled.errors()),
        new Attempts(
            settled.attempts(),
            sum(reading, StatusMeaning::isRefusal),
            sum(reading, StatusMeaning::isLost),
            sum(reading, StatusMeaning::isOtherFailure)),
        new Moment(reading.inFlight(), reading.waiting(), quota.readings().size(), heldBy),
        new Limits(
            state.slots() > 0 ? state.slots() : null,
            state.requestsPerMinute() > 0 ? state.requestsPerMinute() : null,
            state.tokensPerMinute() > 0 ? state.tokensPerMinute() : null),
        new Spent(
            settled.usage().promptTokens(),
            settled.usage().completionTokens(),
            prices.known(settled.usage()).orElse(null)),
        latencies(news),
        load(reading.totals().progress()),
        held);
  }

  /** How busy the machines were since the point before. */
  private Load load(Progress all) {
    ProcessorTime ofDriver = ProcessorMeter.HERE.read();
    Load load =
        new Load(
            Processors.of(ofDriver.since(driver)),
            Processors.of(all.processors().since(executors)),
            all.journalLagMillis());
    driver = ofDriver;
    executors = all.processors();
    return load;
  }

  private static @Nullable Latencies latencies(LatencyHistogram news) {
    return news.total() == 0
        ? null
        : new Latencies(
            news.quantileMillis(0.5), news.quantileMillis(0.95), news.quantileMillis(0.99));
  }

  private static long sum(ProcessReading reading, Predicate<StatusMeaning> counted) {
    long sum = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      sum += counted.test(meaning) ? reading.attempts(meaning) : 0;
    }
    return sum;
  }
}
