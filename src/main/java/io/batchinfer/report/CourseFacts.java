package io.batchinfer.report;

import io.batchinfer.course.CoursePoint;
import io.batchinfer.course.CoursePoint.Latencies;
import io.batchinfer.course.CoursePoint.Moment;
import io.batchinfer.course.HeldBy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a run goes at a moment of its course, in a few words each. */
final class CourseFacts {
  private static final double MILLIS_PER_SECOND = 1e3;

  private CourseFacts() {}

  /** The weightiest first; none where nothing is under way. */
  static List<String> of(CoursePoint point) {
    List<String> facts = new ArrayList<>();
    Moment moment = point.moment();
    @Nullable Integer allowed = point.limits().concurrency();
    if (moment.inFlight() > 0) {
      facts.add(
          allowed == null
              ? String.format(Locale.ROOT, "%,d in flight", moment.inFlight())
              : String.format(Locale.ROOT, "%,d of %,d in flight", moment.inFlight(), allowed));
    }
    heldBy(moment.heldBy()).ifPresent(facts::add);
    @Nullable Latencies latencies = point.latencies();
    if (latencies != null) {
      facts.add(
          String.format(
              Locale.ROOT, "95 %% answered in %.1f s", latencies.p95() / MILLIS_PER_SECOND));
    }
    return facts;
  }

  private static Optional<String> heldBy(HeldBy heldBy) {
    return switch (heldBy) {
      case REQUESTS -> Optional.of("at the limit of requests");
      case TOKENS -> Optional.of("at the limit of tokens");
      case CONCURRENCY -> Optional.of("at the limit of requests at once");
      case PAUSE -> Optional.of("paused by the endpoint");
      case ROWS -> Optional.of("no row ready");
      // The record tells of an endpoint that is away.
      case ENDPOINT_AWAY, NONE -> Optional.empty();
    };
  }
}
