package io.batchinfer.watch.otlp;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.policy.StatusMeaning;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.api.metrics.LongHistogram;
import io.opentelemetry.api.metrics.Meter;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Attempts as the conventions' metrics. Thread-safe. */
final class AttemptMetrics {
  /** Sets of attributes that are kept; more than these are made anew each time. */
  private static final int MOST_KEPT = 1_000;

  private final String provider;
  private final PlainNames names;
  private final DoubleHistogram duration;
  private final LongHistogram tokens;
  private final Map<Kind, Labels> kept = new ConcurrentHashMap<>();

  AttemptMetrics(Meter meter, String provider, PlainNames names) {
    this.provider = provider;
    this.names = names;
    this.duration =
        meter
            .histogramBuilder(GenAi.OPERATION_DURATION)
            .setUnit("s")
            .setDescription("GenAI operation duration.")
            .setExplicitBucketBoundariesAdvice(GenAi.DURATION_BOUNDS)
            .build();
    this.tokens =
        meter
            .histogramBuilder(GenAi.TOKEN_USAGE)
            .ofLongs()
            .setUnit("{token}")
            .setDescription("Number of input and output tokens used.")
            .setExplicitBucketBoundariesAdvice(GenAi.TOKEN_BOUNDS)
            .build();
  }

  /** What tells attempts apart in the metrics. */
  private record Kind(String replica, String path, String model, String answeredBy, String error) {}

  /** The attributes of an attempt, and of its tokens. */
  private record Labels(Attributes attempt, Attributes input, Attributes output) {}

  void attempted(String replica, OutboundRequest request, Attempt attempt, long nanos) {
    if (attempt.meaning() == StatusMeaning.NOT_SENT) {
      return;
    }
    ReplyFacts facts = attempt.facts();
    Kind kind =
        new Kind(
            replica,
            request.path(),
            request.model(),
            facts == null ? "" : facts.model(),
            error(attempt));
    Labels labels = labels(kind);
    duration.record(nanos / 1e9, labels.attempt());
    if (facts != null && facts.usage().total() > 0) {
      tokens.record(facts.usage().promptTokens(), labels.input());
      tokens.record(facts.usage().completionTokens(), labels.output());
    }
  }

  private Labels labels(Kind kind) {
    Labels known = kept.get(kind);
    if (known != null) {
      return known;
    }
    Labels made = make(kind);
    if (kept.size() < MOST_KEPT) {
      kept.put(kind, made);
    }
    return made;
  }

  private Labels make(Kind kind) {
    AttributesBuilder common = Attributes.builder();
    common.put(GenAi.OPERATION_NAME, GenAi.operation(kind.path()));
    common.put(GenAi.PROVIDER_NAME, provider);
    names.shown(kind.model()).ifPresent(model -> common.put(GenAi.REQUEST_MODEL, model));
    names.shown(kind.answeredBy()).ifPresent(model -> common.put(GenAi.RESPONSE_MODEL, model));
    server(kind.replica(), common);
    Attributes plain = common.build();
    return new Labels(
        kind.error().isEmpty() ? plain : with(plain, kind.error()),
        plain.toBuilder().put(GenAi.TOKEN_TYPE, "input").build(),
        plain.toBuilder().put(GenAi.TOKEN_TYPE, "output").build());
  }

  private static Attributes with(Attributes plain, String error) {
    return plain.toBuilder().put(GenAi.ERROR_TYPE, error).build();
  }

  /** A base URL without what may be secret in it: no user, no path, no query. */
  private static void server(String replica, AttributesBuilder attributes) {
    int space = replica.indexOf(' ');
    URI base = URI.create(space < 0 ? replica : replica.substring(0, space));
    if (base.getHost() != null) {
      int usual = "https".equalsIgnoreCase(base.getScheme()) ? 443 : 80;
      attributes.put(GenAi.SERVER_ADDRESS, base.getHost());
      attributes.put(GenAi.SERVER_PORT, (long) (base.getPort() < 0 ? usual : base.getPort()));
    }
  }

  /** The status of a refusal, otherwise the program's own word; empty for a success. */
  private static String error(Attempt attempt) {
    Reply reply = attempt.reply();
    if (attempt.meaning() == StatusMeaning.ANSWERED) {
      return "";
    }
    return reply != null && !reply.isSuccess()
        ? Integer.toString(reply.status())
        : attempt.meaning().name().toLowerCase(Locale.ROOT);
  }
}
