package io.batchinfer.quota;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.quota.QuotaReply.ForReplica;
import io.batchinfer.quota.QuotaReply.Slots;
import io.batchinfer.quota.ReplicaOrder.Bearer;
import io.batchinfer.quota.RowChoice.Openings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a process has under way at each replica, and where the next attempt goes: to one that has a
 * free slot and is healthy, as a {@link ReplicaChoice} says. Slots count for all replicas together
 * or for each. Not thread-safe.
 */
final class LoadBalancer {
  private final List<Target> targets;
  private final ReplicaChoice choice;
  private final AnswerWork work = new AnswerWork();
  private int turn;

  /** Slots for all together; none where each replica has its own. */
  private int slots;

  private boolean perReplica;

  LoadBalancer(List<ReplicaChannel> replicas) {
    this(replicas, ReplicaChoice.BY_GROUP);
  }

  LoadBalancer(List<ReplicaChannel> replicas, ReplicaChoice choice) {
    this.choice = choice;
    targets = replicas.stream().map(Target::new).toList();
  }

  /**
   * Takes slots from the answer to the last report. A replica that the answer does not name has
   * none of its own.
   *
   * @param together slots for all replicas together
   */
  void grant(int together, List<ForReplica> named) {
    perReplica = named.stream().anyMatch(replica -> replica.slots().areOfReplica());
    slots = together;
    for (Target target : targets) {
      target.grant(find(named, target).map(ForReplica::slots).orElse(Slots.NONE));
    }
  }

  /**
   * Takes away the slots of refusals since the last report that may stop the job: the answer to it
   * does not know of them yet.
   */
  void withholdForStopRefusals() {
    for (Target target : targets) {
      takeSlots(target, target.untoldStopRefusals());
    }
  }

  /** What an answer says of a replica. */
  private static Optional<ForReplica> find(List<ForReplica> named, Target target) {
    return named.stream().filter(one -> one.name().equals(target.replica().name())).findFirst();
  }

  private void takeSlots(Target target, int count) {
    if (perReplica) {
      target.takeSlots(count);
    } else {
      slots -= count;
    }
  }

  /** Takes in what other processes know of the replicas. */
  void hear(List<ForReplica> named) {
    for (Target target : targets) {
      find(named, target)
          .map(ForReplica::elsewhere)
          .ifPresent(told -> target.replica().silent().hear(told.usualNanos(), told.makeWay()));
    }
  }

  /** Takes orders for the replicas; returns the attempts that are judged by them. */
  List<ReplicaGate.Judged> obey(List<ForReplica> named) {
    List<ReplicaGate.Judged> judged = new ArrayList<>();
    for (Target target : targets) {
      find(named, target)
          .map(ForReplica::order)
          .ifPresent(order -> judged.addAll(target.gate().take(order, target.signsReported())));
    }
    return judged;
  }

  /** Lets go of everything that waits for a verdict. */
  List<ReplicaGate.Judged> release() {
    List<ReplicaGate.Judged> judged = new ArrayList<>();
    targets.forEach(target -> judged.addAll(target.gate().release()));
    return judged;
  }

  private int free(Target target) {
    return perReplica ? target.slots() - target.taken() : freeForAll();
  }

  private int freeForAll() {
    int taken = 0;
    for (Target target : targets) {
      taken += target.taken();
    }
    return slots - taken;
  }

  /** Free slots in all. */
  int room() {
    if (!perReplica) {
      return Math.max(0, freeForAll());
    }
    int room = 0;
    for (Target target : targets) {
      room += Math.max(0, free(target));
    }
    return room;
  }

  int slots() {
    if (!perReplica) {
      return Math.max(0, slots);
    }
    int sum = 0;
    for (Target target : targets) {
      sum += Math.max(0, target.slots());
    }
    return sum;
  }

  /** Slots for all together that it works with. */
  int slotsInUse() {
    return perReplica ? 0 : slots;
  }

  int underWay() {
    int sum = 0;
    for (Target target : targets) {
      sum += target.underWay();
    }
    return sum;
  }

  /** Whether attempts may go anywhere without restraint, or one by a ticket. */
  boolean letsAnythingIn() {
    for (Target target : targets) {
      if (target.gate().isOpen() || target.gate().hasTicket()) {
        return true;
      }
    }
    return false;
  }

  /** Whether nothing can go out: no slot is free, and no ticket holds without one. */
  boolean isFull() {
    if (room() > 0) {
      return false;
    }
    for (Target target : targets) {
      if (target.gate().hasTicket() && target.gate().isTicketBeyondSlots()) {
        return false;
      }
    }
    return true;
  }

  /**
   * Lets an attempt in for which there is a ticket.
   *
   * @param bearer whose ticket it is
   */
  Optional<Target> enterByTicket(Bearer bearer) {
    for (Target target : targets) {
      boolean mayEnter =
          target.gate().hasTicket()
              && target.gate().bearer() == bearer
              && (target.gate().isTicketBeyondSlots() || free(target) > 0);
      if (mayEnter) {
        target.replica().reset();
        if (target.replica().tryAcquire()) {
          return entered(target);
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Lets an attempt in where it should go. A replica that failed gets one now and then to see
   * whether it is back. Ties go round, so that an idle start does not favour the first.
   *
   * @param request what the attempt sends
   */
  Optional<Target> enter(OutboundRequest request) {
    List<Target> free = free();
    Optional<Target> looked = enterToLook(free);
    if (looked.isPresent()) {
      return looked;
    }
    List<Target> open = healthy(free);
    return open.isEmpty() ? Optional.empty() : enter(choice.of(request, open));
  }

  /** Lets an attempt in at a replica that failed, if one is to be looked at. */
  Optional<Target> enterToLook() {
    return enterToLook(free());
  }

  private Optional<Target> enterToLook(List<Target> free) {
    for (Target target : free) {
      if (!target.replica().isHealthy() && target.replica().tryAcquire()) {
        return entered(target);
      }
    }
    return Optional.empty();
  }

  /** Lets an attempt in at that one, if it is still open. */
  Optional<Target> enter(Target target) {
    return target.replica().tryAcquire() ? entered(target) : Optional.empty();
  }

  /** Healthy replicas that have a free slot, each time beginning with another. */
  List<Target> open() {
    return healthy(free());
  }

  private static List<Target> healthy(List<Target> free) {
    free.removeIf(target -> !target.replica().isHealthy());
    return free;
  }

  /**
   * What attempts may go to.
   *
   * @param open replicas with a free slot
   */
  Openings openings(List<Target> open) {
    List<Target> usable =
        targets.stream()
            .filter(target -> target.gate().isOpen() && target.replica().isHealthy())
            .toList();
    // Where slots count for all together, more than its part would wait at one and idle another.
    int most = perReplica ? Integer.MAX_VALUE : -Math.floorDiv(-slots, usable.size());
    return new Openings(open, usable, slots(), most);
  }

  private List<Target> free() {
    List<Target> free = new ArrayList<>(targets.size());
    int freeForAll = perReplica ? 0 : freeForAll();
    for (int i = 0; i < targets.size(); i++) {
      Target target = targets.get((turn + i) % targets.size());
      if ((perReplica ? free(target) : freeForAll) > 0 && target.gate().isOpen()) {
        free.add(target);
      }
    }
    return free;
  }

  private Optional<Target> entered(Target target) {
    turn = (turn + 1) % targets.size();
    target.entered();
    return Optional.of(target);
  }

  /** Books the end of an attempt that began in that round and took that long. */
  void leave(Target target, Attempt attempt, long round, long nanos) {
    target.left(attempt, round, nanos, work);
  }

  /**
   * Whether the answer just booked completes what a round needs to tell whether more slots are
   * worth having; true once a round.
   */
  boolean bearsOutGrowth(Target target) {
    return target.bearsOutGrowth(perReplica ? target.slots() : slots);
  }

  /** A refusal that may stop the job takes its slot along until the authority knows of it. */
  void stopRefusal(Target target) {
    target.refusedToStop();
    takeSlots(target, 1);
  }

  /**
   * A replica that has no room loses the slot: for good where its limit is being found out, until
   * {@link #giveBack} else.
   *
   * @return whether it is to be given back
   */
  boolean takeAway(Target target) {
    target.refused();
    if (perReplica) {
      target.takeSlots(1);
      return false;
    }
    target.withhold();
    return true;
  }

  void giveBack(Target target) {
    target.giveBack();
  }

  /** What is to be told of each replica; the next answer is taken for the one to this report. */
  List<ReplicaReport> report(long now) {
    List<ReplicaReport> reports = new ArrayList<>();
    for (Target target : targets) {
      reports.add(target.report(now, perReplica ? target.slots() : 0));
    }
    return reports;
  }
}
