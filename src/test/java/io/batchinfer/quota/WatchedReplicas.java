package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.policy.OutageVerdict;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.quota.ReplicaGate.Judged;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.testing.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Processes that send to replicas and tell the driver's {@link Outages} of it whenever a test says
 * so. What is sent, and how it ends, is the test's affair as well.
 */
final class WatchedReplicas {
  private final int count;
  private final Replicas replicas = new Replicas();
  private final Outages outages = new Outages(replicas);
  private Duration now = Duration.ofHours(1);
  private int processes;
  private final Set<QuotaAuthority> runs = new LinkedHashSet<>();
  private final QuotaAuthority warm = run(true);

  WatchedReplicas(int count) {
    this.count = count;
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
      Told first = new Told("first").ended(StatusMeaning.ANSWERED, 1);
      first.replicas = List.of();
      var unused = run.ask(first.message());
    }
    return run;
  }

  /** A process of a run that the replicas have answered, with rows that wait. */
  Sender process() {
    return process(warm);
  }

  Sender process(QuotaAuthority run) {
    runs.add(run);
    return new Sender(run);
  }

  /** Lets time pass; nobody does anything meanwhile. */
  void pass(double seconds) {
    now = now.plusNanos(Math.round(seconds * 1e9));
  }

  long nanos() {
    return now.toNanos();
  }

  /** What the driver says of a replica that is away, to the first run that has one. */
  Optional<Absence> absence() {
    return runs.stream().flatMap(run -> outages.absence(run, nanos()).stream()).findFirst();
  }

  boolean hasTicket(Sender sender) {
    return outages.hasTicket(sender.session);
  }

  /** The process has left or fallen silent. */
  void forget(Sender sender) {
    outages.forget(sender.session);
    replicas.leftBy(sender.session);
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
    final ReplicaGate[] gates = new ReplicaGate[count];

    /** Rows that wait, suspects included. */
    int waiting = 100;

    int suspects;

    /** Which of the replicas it reports. */
    final Set<Integer> known = new TreeSet<>();

    private final String name = "process-" + processes++;
    private final int[] inFlight = new int[count];
    private final Map<WaitingRow, Call> failed = new HashMap<>();

    private Sender(QuotaAuthority run) {
      session = new ProcessView(run);
      session.grantSlots(SlotPool.fixed(8), 8);
      for (int i = 0; i < count; i++) {
        known.add(i);
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
      return hasTicket() && gates[0].bearer() == Bearer.SUSPECT;
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
      ReplicaSigns[] signs = new ReplicaSigns[count];
      Told told = new Told(name).waiting(waiting);
      told.suspects = suspects;
      told.replicas = new ArrayList<>();
      for (int i : known) {
        signs[i] = gates[i].signs();
        told.replicas.add(Told.of("replica-" + i, signs[i]).withInFlight(inFlight[i]));
      }
      QuotaRequest request = told.message();
      session.reports(replicas.reportedBy(session, request.replicas()));
      session.report(request, nanos());
      outages.report(session, request, nanos());
      return signs;
    }

    /** Tells the driver and does as it says, until it says nothing new of what has failed. */
    void report() {
      boolean judged = true;
      while (judged) {
        ReplicaSigns[] told = tell();
        judged = false;
        int place = 0;
        for (int i : known) {
          ReplicaOrder order = outages.order(session, session.replicas().get(place++), nanos());
          for (Judged each : gates[i].take(order, told[i])) {
            each.complete();
            Objects.requireNonNull(failed.get(each.row())).judged = each;
            judged = true;
          }
        }
      }
    }
  }
}
