package io.batchinfer.pack;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.SettlingChannel;
import io.batchinfer.client.TransportException;
import io.batchinfer.model.Cost;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows in packs, over a channel that settles as the test says. */
class PackChannelTest {
  private static final Pattern INPUT = Pattern.compile("\"(t\\d+)\"");

  private final List<String> sent = new ArrayList<>();
  private final List<String> suspects = new ArrayList<>();
  private final List<String> notices = new ArrayList<>();
  private final List<Throwable> thrown = new ArrayList<>();
  private Function<List<String>, Settlement> endpoint = PackChannelTest::answer;
  private boolean succeeded = true;

  private final SettlingChannel channel =
      (request, suspect) -> {
        List<String> inputs = inputs(request);
        sent.add(String.join(" ", inputs));
        if (suspect) {
          suspects.add(String.join(" ", inputs));
        }
        return CompletableFuture.completedFuture(endpoint.apply(inputs));
      };

  private final PackChannel packs =
      new PackChannel(channel, 64, 1 << 20, () -> succeeded, notices::add, thrown::add);

  private static List<String> inputs(OutboundRequest request) {
    Matcher matcher = INPUT.matcher(PackRows.bodyOf(request));
    List<String> inputs = new ArrayList<>();
    while (matcher.find()) {
      inputs.add(matcher.group(1));
    }
    return inputs;
  }

  /** Answers out of order, each input with its own name, at ten tokens each. */
  private static Settlement answer(List<String> inputs) {
    StringBuilder data = new StringBuilder();
    for (int i = inputs.size() - 1; i >= 0; i--) {
      data.append(data.isEmpty() ? "" : ",")
          .append("{\"index\":%d,\"embedding\":\"%s\"}".formatted(i, inputs.get(i)));
    }
    return settlement(
        StatusMeaning.ANSWERED,
        200,
        "{\"data\":[%s],\"usage\":{\"total_tokens\":%d}}".formatted(data, 10 * inputs.size()),
        new Usage(10L * inputs.size(), 0).at(Cost.of(7)));
  }

  private static Settlement settlement(
      StatusMeaning meaning, int status, String body, Usage usage) {
    Reply reply = new Reply(status, name -> null, body.getBytes(StandardCharsets.UTF_8));
    ReplyFacts facts = new ReplyFacts(true, usage, "", "");
    return new Settlement(
        new Attempt(meaning, reply, facts, null, Optional.empty()), 1, 0, 0, false);
  }

  private static Settlement refused(StatusMeaning meaning) {
    return settlement(meaning, 400, "{\"error\":{}}", Usage.NONE);
  }

  private List<PackRow> send(int count) {
    List<PackRow> rows = PackRows.rows(count);
    packs.send(rows);
    return rows;
  }

  private static Settlement end(PackRow row) {
    return row.settled().toCompletableFuture().getNow(null);
  }

  private static String body(PackRow row) {
    Reply reply = Objects.requireNonNull(end(row).last().reply());
    return new String(reply.body(), StandardCharsets.UTF_8);
  }

  private static ReplyFacts facts(PackRow row) {
    return Objects.requireNonNull(end(row).last().facts());
  }

  private static void assertAnswered(List<PackRow> rows, int... which) {
    for (int i : which) {
      assertThat(end(rows.get(i)).last().meaning()).isEqualTo(StatusMeaning.ANSWERED);
      assertThat(body(rows.get(i)))
          .isEqualTo(
              "{\"data\":[{\"index\":0,\"embedding\":\"t%03d\"}],\"usage\":{\"total_tokens\":10}}"
                  .formatted(i));
    }
  }

  @Test
  void everyRowEndsAsItWouldAlone() {
    List<PackRow> rows = send(5);

    assertThat(sent).containsExactly("t000 t001 t002 t003 t004");
    assertAnswered(rows, 0, 1, 2, 3, 4);
    assertThat(facts(rows.get(3)).usage().promptTokens()).isEqualTo(10);
    assertThat(end(rows.get(3)).attempts()).isOne();
    assertThat(rows.stream().mapToLong(row -> facts(row).usage().cost().billionths()).sum())
        .isEqualTo(7);
  }

  @Test
  void moreRowsThanARequestMayHoldGoInSeveral() {
    List<PackRow> rows = send(130);

    assertThat(sent).hasSize(3);
    assertAnswered(rows, IntStream.range(0, 130).toArray());
  }

  @Test
  void theRowToBlameIsFoundAndEndsAlone() {
    endpoint = inputs -> inputs.contains("t005") ? refused(StatusMeaning.REFUSED) : answer(inputs);
    List<PackRow> rows = send(8);

    assertThat(sent)
        .containsExactly(
            "t000 t001 t002 t003 t004 t005 t006 t007",
            "t000 t001 t002 t003",
            "t004 t005 t006 t007",
            "t004 t005",
            "t004",
            "t005",
            "t006 t007");
    assertAnswered(rows, 0, 1, 2, 3, 4, 6, 7);
    assertThat(end(rows.get(5)).last().meaning()).isEqualTo(StatusMeaning.REFUSED);
    assertThat(end(rows.get(5)).attempts()).isEqualTo(4);
    assertThat(end(rows.get(0)).attempts()).isEqualTo(2);
    assertThat(notices).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(StatusMeaning.class)
  void whatNoSingleRowIsToBlameForEndsThemAll(StatusMeaning meaning) {
    boolean halved =
        switch (meaning) {
          case ERROR_INSIDE,
              REFUSED,
              FORBIDDEN,
              THROTTLED_ALONE,
              REFUSED_ALONE,
              ABOVE_LIMIT,
              SERVER_ERROR,
              ROW_FAILS,
              ROW_FAILS_AGAIN ->
              true;
          default -> false;
        };
    endpoint =
        inputs ->
            meaning == StatusMeaning.ANSWERED
                ? answer(inputs)
                : settlement(meaning, 400, "{}", new Usage(3, 0));
    List<PackRow> rows = send(2);

    assertThat(sent).hasSize(halved ? 3 : 1);
    assertThat(rows).allMatch(row -> end(row).last().meaning() == meaning);
    // Whatever was used on the way is somebody's.
    long used =
        rows.stream()
            .mapToLong(
                row -> facts(row).usage().promptTokens() + end(row).usedBefore().promptTokens())
            .sum();
    assertThat(used).isEqualTo(meaning == StatusMeaning.ANSWERED ? 20 : halved ? 9 : 3);
  }

  @Test
  void beforeTheFirstSuccessARefusedKeyIsNoRowsFault() {
    succeeded = false;
    endpoint = inputs -> refused(StatusMeaning.FORBIDDEN);
    List<PackRow> rows = send(4);

    assertThat(sent).hasSize(1);
    assertThat(rows).allMatch(row -> end(row).last().meaning() == StatusMeaning.FORBIDDEN);
  }

  @Test
  void whatMayHaveRunCountsForEveryRow() {
    TransportException lost =
        new TransportException(TransportException.Kind.TIMED_OUT, "late", null);
    endpoint =
        inputs ->
            new Settlement(
                new Attempt(StatusMeaning.TIMED_OUT, null, null, lost, Optional.empty()),
                2,
                2,
                0,
                false);
    List<PackRow> rows = send(3);

    assertThat(sent).hasSize(1);
    assertThat(rows)
        .allMatch(row -> end(row).mayHaveRun() == 2 && end(row).attempts() == 2)
        .allMatch(row -> end(row).last().failure() == lost);
  }

  @Test
  void aPackThatCrashesTheEndpointIsHalvedAndItsHalvesGoAlone() {
    endpoint =
        inputs -> {
          Settlement answer = answer(inputs);
          return inputs.contains("t002")
              ? new Settlement(refused(StatusMeaning.CONNECTION_LOST).last(), 3, 3, 3, true)
              : answer;
        };
    List<PackRow> rows = send(4);

    assertThat(sent)
        .containsExactly("t000 t001 t002 t003", "t000 t001", "t002 t003", "t002", "t003");
    assertThat(suspects).containsExactly("t000 t001", "t002 t003", "t002", "t003");
    assertAnswered(rows, 0, 1, 3);
    assertThat(end(rows.get(2)).crashesEndpoint()).isTrue();
    assertThat(end(rows.get(2)).mayHaveRun()).isEqualTo(9);
    assertThat(end(rows.get(3)).mayHaveRun()).isEqualTo(6);
  }

  @Test
  void anAnswerThatIsNobodysEndsItsRowsAndLaterOnesGoAlone() {
    endpoint =
        inputs ->
            inputs.size() == 1
                ? answer(inputs)
                : settlement(
                    StatusMeaning.ANSWERED,
                    200,
                    "{\"data\":[{},{},{}],\"usage\":{\"total_tokens\":9}}",
                    new Usage(9, 0));
    List<PackRow> rows = send(3);
    List<PackRow> later = send(3);

    assertThat(sent).containsExactly("t000 t001 t002", "t000", "t001", "t002");
    for (PackRow row : rows) {
      assertThat(facts(row).misfit())
          .contains(
              new Misfit(
                  ErrorCode.UNMATCHED_ANSWER,
                  "The answer to a request of 3 inputs does not say for sure which of its vectors is whose: several items of it have no index."));
      assertThat(facts(row).usage()).isEqualTo(new Usage(3, 0));
      assertThat(body(row)).isEqualTo("{\"data\":[],\"usage\":{\"total_tokens\":3}}");
    }
    assertAnswered(later, 0, 1, 2);
    assertThat(notices).hasSize(1);
    assertThat(packs.mostRows()).isOne();
  }

  @Test
  void aLimitOfTheEndpointIsLearned() {
    endpoint = inputs -> inputs.size() > 10 ? refused(StatusMeaning.REFUSED) : answer(inputs);
    for (int i = 0; i < 3; i++) {
      assertAnswered(send(64), IntStream.range(0, 64).toArray());
    }
    sent.clear();
    assertAnswered(send(64), IntStream.range(0, 64).toArray());

    assertThat(packs.mostRows()).isEqualTo(8);
    assertThat(sent).hasSize(8);
    assertThat(notices).hasSize(1);
  }

  @Test
  void aDefectOfTheChannelIsToldToEveryRow() {
    IllegalStateException defect = new IllegalStateException("defect");
    endpoint =
        inputs -> {
          throw defect;
        };
    List<PackRow> rows = send(2);

    assertThat(rows).allMatch(row -> failure(row) == defect);
  }

  private static @Nullable Throwable failure(PackRow row) {
    try {
      row.settled().toCompletableFuture().getNow(null);
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    }
  }
}
