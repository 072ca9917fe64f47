package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.AnswerReader;
import io.batchinfer.client.ChannelStack;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.RetryingChannel;
import io.batchinfer.client.Settlement;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.RetryRule;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that alone are refused or fail, from the ladder to the breaker, in virtual time. */
class LoneRowTest {
  private static final Duration ANSWER_TIME = Duration.ofMillis(50);
  private static final Duration REFUSAL_TIME = Duration.ofMillis(1);
  private static final Duration LATE_REFUSAL_TIME = Duration.ofMillis(200);

  private final VirtualTime time = new VirtualTime();
  private final Map<String, Settlement> settled = new HashMap<>();
  private final Map<String, Integer> attempts = new HashMap<>();
  private final List<Duration> sentAt = new ArrayList<>();
  private Duration goodUntil = Duration.ZERO;

  /** Rows whose refusals take longer. */
  private List<String> late = List.of();

  /** What the endpoint answers to a row of that name where it is no success. */
  private Function<String, Optional<Reply>> refusal = row -> Optional.empty();

  private static Reply reply(int status, String message, String retryAfter) {
    return new Reply(
        status,
        name -> name.equals("retry-after") && !retryAfter.isEmpty() ? retryAfter : null,
        message.getBytes(StandardCharsets.UTF_8));
  }

  private CompletionStage<Reply> transport(OutboundRequest request) {
    String row = String.valueOf(request.headers().get("row"));
    attempts.merge(row, 1, Integer::sum);
    sentAt.add(Duration.ofNanos(time.nanos()));
    Optional<Reply> refused = refusal.apply(row);
    CompletableFuture<Reply> answer = new CompletableFuture<>();
    time.schedule(
        () -> answer.complete(refused.orElse(reply(200, "", ""))),
        refused.isEmpty() ? ANSWER_TIME : late.contains(row) ? LATE_REFUSAL_TIME : REFUSAL_TIME);
    return answer;
  }

  private static ReplyFacts facts(byte[] body) {
    String message = new String(body, StandardCharsets.UTF_8);
    return new ReplyFacts(true, Usage.NONE, "", message);
  }

  /** Sends rows over one process with that many slots. */
  private void run(int slots, long requestsPerMinute, List<String> rows) {
    QuotaAuthority authority =
        new QuotaAuthority(
            new EndpointQuota(
                new QuotaLimits(slots, requestsPerMinute, 0, Duration.ofMinutes(15)), time, time),
            QuotaGroup.of(1),
            List.of(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(600),
            () -> true);
    QuotaSession session =
        new QuotaSession(
            "session",
            authority::ask,
            time.elapsed(),
            time,
            time,
            () -> Progress.ZERO,
            reply -> StatedLimits.NONE);
    RetryingChannel channel =
        ChannelStack.assemble(
            List.of(this::transport),
            session::limit,
            new RetryRule(5, 1, () -> 0.5),
            (request, reply) -> new AnswerReader.Reading(reply, facts(reply.body())),
            time,
            time,
            time.clock(),
            thrown -> {
              throw new AssertionError("the stack broke", thrown);
            });
    session.start(
        () -> {},
        thrown -> {
          throw new AssertionError("the session broke", thrown);
        });
    for (String row : rows) {
      channel
          .send(
              new OutboundRequest(
                  "/v1/embeddings", new OutboundRequest.Json(new byte[0]), Map.of("row", row), 10))
          .thenAccept(
              end -> {
                settled.put(row, end);
                if (row.startsWith("good")) {
                  goodUntil = Duration.ofNanos(time.nanos());
                }
              });
    }
    for (int second = 0; second < 3_600 && settled.size() < rows.size(); second++) {
      time.advance(Duration.ofSeconds(1));
    }
    assertThat(settled).hasSize(rows.size());
  }

  private static List<String> rows(int good, String... bad) {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < good; i++) {
      rows.add("good-" + i);
    }
    for (int i = 0; i < bad.length; i++) {
      rows.add(good * (i + 1) / (bad.length + 1), bad[i]);
    }
    return rows;
  }

  private StatusMeaning meaning(String row) {
    return Objects.requireNonNull(settled.get(row)).last().meaning();
  }

  private void assertGoodRowsSucceeded() {
    settled.forEach(
        (row, end) -> {
          if (row.startsWith("good")) {
            assertThat(end.last().meaning()).as(row).isEqualTo(StatusMeaning.ANSWERED);
            assertThat(end.attempts()).as(row).isEqualTo(1);
          }
        });
  }

  /** 2,000 rows of 50 ms at 8 slots. */
  private static final double IDEAL_SECONDS = 2_000 * 0.05 / 8;

  @Test
  void aRequestAboveTheLimitIsGivenUpAndHoldsNobodyBack() {
    refusal =
        row ->
            row.equals("big")
                ? Optional.of(reply(429, "Limit 30000, Requested 342389", "5"))
                : Optional.empty();

    run(8, 0, rows(2_000, "big"));

    assertThat(meaning("big")).isEqualTo(StatusMeaning.ABOVE_LIMIT);
    assertThat(attempts.get("big")).isEqualTo(5);
    assertGoodRowsSucceeded();
    assertThat(goodUntil.toMillis() / 1e3).isLessThan(IDEAL_SECONDS + 1.5);
  }

  @Test
  void aRowThatIsRefusedWithoutAReasonPausesTheOthersOnce() {
    refusal =
        row ->
            row.equals("big")
                ? Optional.of(reply(429, "Too many requests", "5"))
                : Optional.empty();

    run(8, 0, rows(2_000, "big"));

    assertThat(meaning("big")).isEqualTo(StatusMeaning.REFUSED_ALONE);
    assertThat(attempts.get("big")).isBetween(6, 10);
    assertGoodRowsSucceeded();
    assertThat(goodUntil.toMillis() / 1e3).isLessThan(IDEAL_SECONDS + 5 + 1.5);
  }

  @Test
  void aRowThatIsRefusedAgainstAKnownRatePausesTheOthersOnce() {
    refusal =
        row ->
            row.equals("big") ? Optional.of(reply(429, "Too many requests", "")) : Optional.empty();

    run(8, 6_000, rows(2_000, "big"));

    assertThat(meaning("big")).isEqualTo(StatusMeaning.REFUSED_ALONE);
    assertGoodRowsSucceeded();
    assertThat(goodUntil.toMillis() / 1e3).isLessThan(2_000 / 99.0 + 1 + 2);
  }

  /** Statuses that say that nothing ran, or may have, for one row each. */
  @ParameterizedTest
  @ValueSource(ints = {502, 503, 521, 522, 523, 525, 526, 529})
  void aRowThatAloneCannotBeServedIsTriedAsOftenAsItsRowOfTheTableSays(int status) {
    List<String> failing = List.of("408", "499", "520", "524", "598", "599", "501", "" + status);
    // They come back while it is not yet known what the first refusal means.
    late = failing.subList(0, 6);
    refusal =
        row ->
            failing.contains(row)
                ? Optional.of(reply(Integer.parseInt(row), "", ""))
                : Optional.empty();
    List<String> all = new ArrayList<>(failing);
    all.addAll(0, rows(2));

    run(0, 0, all);

    assertGoodRowsSucceeded();
    assertThat(attempts).containsEntry("" + status, 5).containsEntry("501", 1);
    for (String row : late) {
      assertThat(attempts).containsEntry(row, 2);
    }
  }

  @Test
  void anEndpointThatRefusesEverybodyIsLeftAloneAndNoRowIsLost() {
    Duration from = Duration.ofSeconds(3);
    Duration to = Duration.ofMinutes(10);
    refusal =
        row ->
            time.nanos() >= from.toNanos() && time.nanos() < to.toNanos()
                ? Optional.of(reply(429, "Too many requests", "20"))
                : Optional.empty();

    run(8, 0, rows(2_000));

    settled.forEach(
        (row, end) -> assertThat(end.last().meaning()).as(row).isEqualTo(StatusMeaning.ANSWERED));
    // At most what was under way, once for each pause that it asked for.
    long meanwhile =
        sentAt.stream().filter(at -> at.compareTo(from) >= 0 && at.compareTo(to) < 0).count();
    assertThat(meanwhile).isLessThanOrEqualTo(8 * 30);
  }

  @Test
  void rowsThatFailForTheirOwnSakeDoNotOpenTheBreaker() {
    String[] bad = new String[16];
    for (int i = 0; i < bad.length; i++) {
      bad[i] = "bad-" + i;
    }
    refusal =
        row ->
            row.startsWith("bad")
                ? Optional.of(reply(500, "cannot parse the grammar", ""))
                : Optional.empty();

    run(4, 0, rows(89, bad));

    assertGoodRowsSucceeded();
    assertThat(goodUntil.toMillis() / 1e3).isLessThan(89 * 0.05 / 4 + 2);
    for (String row : bad) {
      assertThat(attempts.get(row)).as(row).isLessThanOrEqualTo(5);
    }
    assertThat(attempts.values().stream().filter(count -> count == 2).count())
        .as("rows that were sent twice")
        .isGreaterThanOrEqualTo(10);
  }

  @Test
  void badRowsAtTheBeginningAndInARowDoNotHoldTheOthersBackForLong() {
    List<String> rows = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      rows.add("bad-" + i);
    }
    rows.addAll(rows(89));
    refusal =
        row ->
            row.startsWith("bad")
                ? Optional.of(reply(500, "cannot parse the grammar", ""))
                : Optional.empty();

    run(4, 0, rows);

    assertGoodRowsSucceeded();
    assertThat(goodUntil.toSeconds()).isLessThan(15);
  }
}
