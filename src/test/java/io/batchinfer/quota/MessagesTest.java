package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.Cost;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaReply.Allowance;
import io.batchinfer.quota.QuotaReply.Elsewhere;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Leave;
import io.batchinfer.quota.QuotaReply.Rate;
import io.batchinfer.quota.QuotaReply.Rows;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.ReplicaOrder.Judgement;
import io.batchinfer.quota.ReplicaOrder.Ticket;
import io.batchinfer.quota.ReplicaOrder.Verdict;
import io.batchinfer.quota.ReplicaReport.Round;
import io.batchinfer.quota.ReplicaReport.Silence;
import io.batchinfer.quota.ReplicaSigns.Failed;
import io.batchinfer.quota.ReplicaSigns.UsedTicket;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a process and the driver write is what the other one reads. */
class MessagesTest {
  private static Told told() {
    Told told = new Told("process");
    told.number = 79;
    told.slots = -2;
    told.allowed = new double[] {77.5, 78.25};
    told.replicas =
        List.of(
            new ReplicaReport(
                "http://a",
                1,
                new UnderWay(4, 10, 11),
                5,
                new Round(6, 7, 8, 9),
                new Silence(12, 13),
                new ReplicaSigns(
                    24, new Failed(25, 26, 27, 28, -3), new UsedTicket(30, null), 32, 33)),
            new ReplicaReport(
                "http://ü/v1?a=b",
                3,
                new UnderWay(14, 20, 21),
                15,
                new Round(16, 17, 18, 19),
                new Silence(22, 23),
                new ReplicaSigns(
                    34, new Failed(35, 36, 37, 38, 39), new UsedTicket(40, Sign.FULL), 42, 43)));
    told.waiting = 44;
    told.suspects = 45;
    told.wantedRows = 46;
    told.costs = new long[] {47, Long.MAX_VALUE};
    told.receivedTokens = 48;
    told.tokenRefund = -49;
    told.roundTripNanos = 50;
    told.coolDownNanos = 51;
    told.stated = new StatedLimits(52, 53);
    told.cutAfterNanos = 54;
    told.detail = "détail";
    told.remark = "remark";
    told.used = new Usage(55, 56, 57, 58, new Cost(59, 60));
    TreeMap<String, Long> errors = new TreeMap<>();
    errors.put("rate_limited", 61L);
    errors.put("timed_out", 62L);
    told.progress =
        new Progress(
            63,
            64,
            65,
            new Usage(66, 67, 68, 69, new Cost(70, 71)),
            errors,
            new LatencyHistogram(new long[] {72, 73}),
            74,
            new ProcessorTime(75, 76, 77, 78));
    int count = 80;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      told.ended(meaning, count++);
    }
    return told;
  }

  @Test
  void aQuestionArrivesAsItWasAsked() {
    QuotaRequest question = told().message();

    assertThat(QuotaRequest.decode(question.encode()))
        .usingRecursiveComparison()
        .isEqualTo(question);
    assertThat(question.inFlight()).isEqualTo(18);
    assertThat(question.count(StatusMeaning.ANSWERED)).isEqualTo(80);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerArrivesAsItWasGiven(boolean flag) {
    QuotaReply answer =
        new QuotaReply(
            1,
            List.of(
                new ForReplica(
                    "http://a",
                    new Slots(2, 3),
                    new ReplicaOrder(
                        flag,
                        5,
                        new Ticket(6, Bearer.ANY_ROW, !flag),
                        new Verdict(7, Judgement.COLD, 8)),
                    new Elsewhere(24, 25)),
                new ForReplica(
                    "http://b",
                    new Slots(4, 28),
                    new ReplicaOrder(
                        !flag,
                        9,
                        new Ticket(10, Bearer.SUSPECT, flag),
                        new Verdict(11, Judgement.CRASH, 12)),
                    new Elsewhere(26, 27))),
            new Rows(new long[] {13, -14, 15}, new long[] {16, 17, 18}),
            new Rate(flag, 20),
            new Leave(
                22,
                21,
                List.of(
                    new Allowance(23.5, Budget.Unit.TOKENS),
                    new Allowance(0.25, Budget.Unit.MONEY)),
                !flag),
            19);

    assertThat(QuotaReply.decode(answer.encode())).usingRecursiveComparison().isEqualTo(answer);
    assertThat(answer.rows().count()).isEqualTo(3);
  }

  @Test
  void everyJudgementArrives() {
    for (Judgement judgement : Judgement.values()) {
      ReplicaOrder order = new ReplicaOrder(true, 0, Ticket.NONE, new Verdict(0, judgement, 0));
      QuotaReply answer =
          new QuotaReply(
              0,
              List.of(new ForReplica("", Slots.NONE, order, Elsewhere.NOTHING)),
              Rows.NONE,
              Rate.UNLIMITED,
              Leave.STOPPED,
              0);

      assertThat(QuotaReply.decode(answer.encode()).replicas().get(0).order()).isEqualTo(order);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 100_001, Integer.MAX_VALUE})
  void whatIsNoMessageIsRefusedBeforeMemoryIsTakenForIt(int length) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(0);
    out.writeInt(length);

    assertThatThrownBy(() -> QuotaReply.decode(bytes.toByteArray()))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("not a message of this program: an array of " + length);
  }

  @Test
  void whatIsCutOffIsRefused() {
    byte[] question = told().message().encode();
    for (int length = 0; length < question.length; length++) {
      byte[] cut = Arrays.copyOf(question, length);
      assertThatThrownBy(() -> QuotaRequest.decode(cut)).isInstanceOf(UncheckedIOException.class);
    }
  }

  @Test
  void totalsOfProcessesAddUp() {
    TreeMap<String, Long> errors = new TreeMap<>();
    errors.put("timed_out", 2L);
    Progress one =
        new Progress(
            1,
            2,
            3,
            new Usage(4, 5),
            errors,
            new LatencyHistogram(new long[] {1}),
            8,
            new ProcessorTime(1, 2, 3, 4));
    TreeMap<String, Long> others = new TreeMap<>(errors);
    others.put("rate_limited", 7L);
    Progress other =
        new Progress(
            10,
            20,
            30,
            new Usage(40, 50),
            others,
            new LatencyHistogram(new long[] {0, 1}),
            6,
            new ProcessorTime(10, 20, 30, 40));

    Progress sum = one.plus(other);

    assertThat(sum)
        .isEqualTo(
            new Progress(
                11,
                22,
                33,
                new Usage(44, 55),
                new TreeMap<>(Map.of("timed_out", 4L, "rate_limited", 7L)),
                new LatencyHistogram(new long[] {1, 1}),
                8,
                new ProcessorTime(11, 22, 33, 44)));
    assertThat(errors).as("what was added to is as it was").containsExactlyEntriesOf(one.errors());
    assertThat(one.plus(Progress.ZERO)).isEqualTo(one);
    assertThat(Progress.ZERO.plus(one)).isEqualTo(one);
  }
}
