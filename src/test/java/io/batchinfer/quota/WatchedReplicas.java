package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.model.LatencyHistogram;
import io.batchinfer.model.Usage;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.QuotaRequest.Progress;
import io.batchinfer.quota.QuotaRequest.ReplicaReport;
import io.batchinfer.quota.QuotaRequest.StatedLimits;
import io.batchinfer.quota.ReplicaGate.Judged;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Processes that send to replicas and tell the driver's {@link Outages} of it whenever a test says
 * so. What is sent, and how it ends, is the test's affair as well.
 */
final class WatchedReplicas {
  private final int replicas;
  private final Outages outages = new Outages();
  private Duration now = Duration.ofHours(1);
  private int processes;
  private final QuotaAuthority warm = run(true);

  WatchedReplicas(int replicas) {
    this.replicas = replicas;
  }

  /** A run that uses the replicas; whether they have answered it already. */
  static QuotaAuthority run(boolean answered) {
    VirtualTime time = new VirtualTime();
    QuotaAuthority run =
        new QuotaAuthority(
            new EndpointQuota(SimulatedCluster.concurrency(8), time, time),
            QuotaGroup.of(1),
            List.of(),
            Duration.ofSeconds(10),
            Duration.ofSeconds(600),
            () -> true);
    if (answered) {
      long[] meanings = new long[StatusMeaning.values().length];
      meanings[StatusMeaning.ANSWERED.ordinal()] = 1;
      var unused =
          run.ask(request("first", new ReplicaReport[0], new ReplicaSigns[0], 0, 0, meanings));
    }
    return run;
  }

  private static QuotaRequest request(
      String session,
      ReplicaReport[] reports,
      ReplicaSigns[] signs,
      int waiting,
      int suspects,
      long[] meanings) {
    return new QuotaRequest(
        session,
        0,
        new int[0],
        new double[0],
        reports,
        signs,
        waiting,
        suspects,
        0,
        new long[0],
        0,
        0,
        0,
        0,
        StatedLimits.NONE,
        0,
        meanings,
        "",
        "",
        Usage.NONE,
        new Progress(0, 0, 0, Usage.NONE, new TreeMap<>(), LatencyHistogram.NONE));
  }

  /** A process of a run that the replicas have answered, with rows that wait. */
  Sender process() {
    return process(warm);
  }

  Sender process(QuotaAuthority run) {
    return new Sender(run);
  }

  /** Lets time pass; nobody does anything meanwhile. */
  void pass(double seconds) {
    now = now.plusNanos(Math.round(seconds * 1e9));
  }

  long nanos() {
    return now.toNanos();
  }

  Outages outages() {
    return outages;
  }

  /** An attempt under way. */
  static final class Call {
    private final WaitingRow row;
    private final int replica;
    private final long ticket;
    private final long began;
    private @Nullable Judged judged;

    private Call(WaitingRow row, int replica, long ticket, long began) {
      this.row = row;
      this.replica = replica;
      this.ticket = ticket;
      this.began = began;
    }

    /** What was made of its failure; null as long as nobody knows. */
    @Nullable OutageVerdict verdict() {
      return judged == null ? null : judged.verdict();
    }

    /** The outage that its failure was put down to. */
    long outage() {
      return judged == null ? -1 : judged.outage();
    }
  }

  /** One process. */
  final class Sender {
    final ProcessView session;
    final ReplicaGate[] gates = new ReplicaGate[replicas];

    /** Rows that wait, suspects included. */
    int waiting = 100;

    int suspects;
    private final String name = "process-" + processes++;
    private final int[] inFlight = new int[replicas];
    private final Map<WaitingRow, Call> failed = new HashMap<>();

    private Sender(QuotaAuthority run) {
      session = new ProcessView(run);
      session.expectPools(1);
      session.grantSlots(0, 8);
      for (int i = 0; i < replicas; i++) {
        gates[i] = new ReplicaGate();
      }
    }

    /** Whether attempts may go to the first replica without restraint. */
    boolean mayGo() {
      return gates[0].isOpen();
    }

    boolean hasTicket() {
      return gates[0].hasTicket();
    }

    boolean mayTrySuspect() {
      return hasTicket() && gates[0].isTicketForSuspect();
    }

    Call send() {
      return send(0);
    }

    Call send(int replica) {
      return began(EndsOfAttempts.row(), replica, 0);
    }

    Call[] send(int replica, int count) {
      Call[] calls = new Call[count];
      for (int i = 0; i < count; i++) {
        calls[i] = send(replica);
      }
      return calls;
    }

    /** Sends a row of so many outages by the ticket that it has. */
    Call sendByTicket(int outages) {
      return sendByTicket(0, outages);
    }

    Call sendByTicket(int replica, int outages) {
      return began(EndsOfAttempts.rowOf(outages), replica, gates[replica].useTicket());
    }

    private Call began(WaitingRow row, int replica, long ticket) {
      inFlight[replica]++;
      return new Call(row, replica, ticket, nanos());
    }

    void end(Attempt attempt, Call... calls) {
      for (Call call : calls) {
        inFlight[call.replica]--;
        if (gates[call.replica].ended(call.row, attempt, call.ticket, call.began, nanos())) {
          failed.put(call.row, call);
        }
      }
    }

    /** Tells the driver, without hearing what it says. */
    ReplicaSigns[] tell() {
      ReplicaSigns[] signs = new ReplicaSigns[replicas];
      ReplicaReport[] reports = new ReplicaReport[replicas];
      for (int i = 0; i < replicas; i++) {
        signs[i] = gates[i].signs();
        reports[i] = new ReplicaReport(inFlight[i], 0, 0, 0, 0, 0, 0, 0, 0, 0);
      }
      QuotaRequest request =
          request(name, reports, signs, waiting, suspects, new long[StatusMeaning.values().length]);
      session.report(request, nanos());
      outages.report(session, request, nanos());
      return signs;
    }

    /** Tells the driver and does as it says, until it says nothing new of what has failed. */
    void report() {
      boolean judged = true;
      while (judged) {
        ReplicaSigns[] told = tell();
        ReplicaOrder[] orders = outages.orders(session, nanos());
        judged = false;
        for (int i = 0; i < replicas; i++) {
          for (Judged each : gates[i].take(orders[i], told[i])) {
            each.complete();
            Objects.requireNonNull(failed.get(each.row())).judged = each;
            judged = true;
          }
        }
      }
    }
  }
}
