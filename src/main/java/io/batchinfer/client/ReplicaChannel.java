package io.batchinfer.client;

import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/** Spreads requests over several endpoints: each goes to the one with the fewest under way. */
public final class ReplicaChannel implements InferenceChannel {
  private final List<Replica> replicas;
  private final AtomicInteger turn = new AtomicInteger();

  public ReplicaChannel(List<? extends InferenceChannel> channels) {
    replicas = channels.stream().map(Replica::new).toList();
  }

  @Override
  public CompletionStage<Reply> send(OutboundRequest request) {
    Replica chosen = leastBusy();
    chosen.underWay.incrementAndGet();
    return chosen
        .channel
        .send(request)
        .whenComplete((reply, failure) -> chosen.underWay.decrementAndGet());
  }

  /** Ties go round, so that an idle start does not favour the first. */
  private Replica leastBusy() {
    int start = Math.floorMod(turn.getAndIncrement(), replicas.size());
    Replica best = replicas.get(start);
    for (int i = 1; i < replicas.size(); i++) {
      Replica candidate = replicas.get((start + i) % replicas.size());
      if (candidate.underWay.get() < best.underWay.get()) {
        best = candidate;
      }
    }
    return best;
  }

  private static final class Replica {
    private final InferenceChannel channel;
    private final AtomicInteger underWay = new AtomicInteger();

    Replica(InferenceChannel channel) {
      this.channel = channel;
    }
  }
}
