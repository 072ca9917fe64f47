package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.Reply;
import io.batchinfer.client.Settlement;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.TransportException.Kind;
import io.batchinfer.model.AnswerMarks;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.Misfit;
import io.batchinfer.model.ReplyFacts;
import io.batchinfer.model.RowOutcome.Answered;
import io.batchinfer.model.RowOutcome.Unanswered;
import io.batchinfer.model.RowOutcome.Unfit;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Stop;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the end of a row is, for a job that uses an endpoint and for one that starts engines. */
class RowEndsTest {
  private static final AnswerMarks CUT = new AnswerMarks(true, false, false);
  private static final Usage USED = new Usage(3, 2);

  private final List<Throwable> unexpected = new ArrayList<>();
  private final SecretMask mask = new SecretMask(List.of("sk-secret"));
  private final OutcomeClassifier atEndpoint = new OutcomeClassifier(mask, unexpected::add);
  private final OutcomeClassifier atEngine = new OutcomeClassifier(mask, true, unexpected::add);

  private static Attempt lost(Kind kind) {
    return new Attempt(
        StatusMeaning.CONNECTION_LOST,
        null,
        null,
        new TransportException(kind, "scripted", null),
        Optional.empty());
  }

  private static Attempt answered(int status, ReplyFacts facts) {
    byte[] body = "{\"n\":1}".getBytes(StandardCharsets.US_ASCII);
    return new Attempt(
        StatusMeaning.of(status, facts),
        new Reply(status, name -> null, body),
        facts,
        null,
        Optional.empty());
  }

  private static ReplyFacts facts(AnswerMarks marks, boolean isError) {
    return new ReplyFacts(true, USED, marks, isError ? "too_long" : "", "", isError, "m");
  }

  @Test
  void attemptsThatMayHaveRunCountWhereSomebodyIsPaidForThem() {
    Settlement settlement = new Settlement(lost(Kind.TIMED_OUT), 4, 3, 0, false);

    RowEnd end = atEndpoint.end(settlement);
    assertThat(end.attempts()).isEqualTo(4);
    assertThat(end.mayHaveRun()).isEqualTo(3);
    assertThat(end.stop()).isEqualTo(Stop.NEVER);
    assertThat(atEngine.end(settlement).attempts()).isEqualTo(4);
    assertThat(atEngine.end(settlement).mayHaveRun()).isZero();
  }

  @Test
  void whetherTheJobCanGoOnIsSaidByTheLastAttempt() {
    Settlement refused = new Settlement(answered(401, facts(CUT, true)), 1, 0, 0, false);

    assertThat(atEndpoint.end(refused).stop()).isEqualTo(StatusMeaning.UNAUTHORIZED.stop());
    assertThat(StatusMeaning.UNAUTHORIZED.stop()).isNotEqualTo(Stop.NEVER);
  }

  @Test
  void aRowThatServersDieOfIsToBlame() {
    Settlement settlement = new Settlement(lost(Kind.CONNECTION_LOST), 5, 2, 2, true);

    Unanswered there = (Unanswered) atEndpoint.end(settlement).outcome();
    assertThat(there.code()).isEqualTo(ErrorCode.ROW_CRASHES_ENDPOINT);
    assertThat(there.message()).startsWith("The endpoint went away").contains("sent 5 times");
    Unanswered here = (Unanswered) atEngine.end(settlement).outcome();
    assertThat(here.code()).isEqualTo(ErrorCode.ROW_CRASHES_ENGINE);
    assertThat(here.message()).startsWith("The engine went away");
  }

  @ParameterizedTest
  @CsvSource({
    "TIMED_OUT,REQUEST_TIMEOUT",
    "RESPONSE_TOO_LARGE,RESPONSE_TOO_LARGE",
    "MALFORMED_RESPONSE,INVALID_RESPONSE",
    "UNKNOWN_HOST,CONNECTION_ERROR",
    "CONNECT_FAILED,CONNECTION_ERROR",
    "TLS_FAILED,CONNECTION_ERROR",
    "FENCED,CONNECTION_ERROR",
    "CONNECTION_LOST,CONNECTION_ERROR"
  })
  void aRowWithoutAnAnswerSaysWhy(Kind kind, ErrorCode code) {
    Unanswered outcome =
        (Unanswered) atEndpoint.end(new Settlement(lost(kind), 1, 0, 0, false)).outcome();

    assertThat(outcome.code()).isEqualTo(code);
    assertThat(outcome.message()).isEqualTo("scripted");
  }

  @Test
  void whatAnswersUsedThatWereNoGoodIsPaidForToo() {
    Settlement settlement =
        new Settlement(answered(200, facts(CUT, false)), 2, 0, 0, false, new Usage(10, 20));

    Answered outcome = (Answered) atEndpoint.end(settlement).outcome();

    assertThat(outcome.isSuccess()).isTrue();
    assertThat(outcome.usage()).isEqualTo(new Usage(13, 22));
    assertThat(outcome.marks()).isEqualTo(CUT);
    assertThat(outcome.refusal()).isEmpty();
  }

  @Test
  void anAnswerThatIsNoneHasNoMarks() {
    Answered refused =
        (Answered)
            atEndpoint
                .end(new Settlement(answered(400, facts(CUT, true)), 1, 0, 0, false))
                .outcome();
    Answered inside =
        (Answered)
            atEndpoint
                .end(new Settlement(answered(200, facts(CUT, true)), 1, 0, 0, false))
                .outcome();

    assertThat(refused.marks()).isEqualTo(AnswerMarks.NONE);
    assertThat(refused.refusal()).isEqualTo("too_long");
    assertThat(inside.marks()).isEqualTo(AnswerMarks.NONE);
    assertThat(inside.refusal()).isEqualTo("too_long");
  }

  @Test
  void anAnswerThatDoesNotFitIsKeptWithoutMarksAndWithoutSecrets() {
    ReplyFacts misfit =
        facts(CUT, false).with(new Misfit(ErrorCode.UNMATCHED_ANSWER, "not sk-secret"));

    Unfit outcome =
        (Unfit) atEndpoint.end(new Settlement(answered(200, misfit), 1, 0, 0, false)).outcome();

    assertThat(outcome.misfit()).isEqualTo(new Misfit(ErrorCode.UNMATCHED_ANSWER, "not ***"));
    assertThat(outcome.answer().marks()).isEqualTo(AnswerMarks.NONE);
    assertThat(outcome.answer().usage()).isEqualTo(USED);
  }

  @Test
  void aRefusalIsARefusalWhetherItFitsOrNot() {
    ReplyFacts misfit = facts(CUT, true).with(new Misfit(ErrorCode.UNMATCHED_ANSWER, "no"));

    assertThat(atEndpoint.end(new Settlement(answered(400, misfit), 1, 0, 0, false)).outcome())
        .isInstanceOf(Answered.class);
  }

  @Test
  void anAnswerThatThisProgramFailsOnIsSaidToBePaidFor() {
    Reply reply =
        new Reply(
            200,
            name -> {
              throw new IllegalStateException("scripted");
            },
            new byte[] {'{', '}'});
    Attempt last =
        new Attempt(StatusMeaning.ANSWERED, reply, facts(CUT, false), null, Optional.empty());

    RowEnd end = atEndpoint.end(new Settlement(last, 1, 0, 0, false));

    assertThat(((Unanswered) end.outcome()).code()).isEqualTo(ErrorCode.INVALID_RESPONSE);
    assertThat(((Unanswered) end.outcome()).message())
        .contains("(IllegalStateException); it was paid for");
    assertThat(unexpected).singleElement().extracting(Throwable::getMessage).isEqualTo("scripted");
  }
}
