package io.batchinfer.quota;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.OutboundRequest;
import io.batchinfer.client.ReplicaChannel;
import io.batchinfer.policy.Neighbours;
import io.batchinfer.quota.RowChoice.Pick;
import io.batchinfer.testing.VirtualTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Which row goes out next, and where, for the sake of what servers have in their caches. */
class RowChoiceTest {
  private static final Attempt ANSWERED = EndsOfAttempts.answered();

  private final GroupedRows waiting = new GroupedRows();
  private final RowChoice choice = new RowChoice();
  private final List<Pick> underWay = new ArrayList<>();
  private LoadBalancer balancer = balancer(1, 4);

  private static LoadBalancer balancer(int replicas, int slots) {
    VirtualTime time = new VirtualTime();
    LoadBalancer balancer =
        new LoadBalancer(
            IntStream.range(0, replicas)
                .mapToObj(
                    place ->
                        ReplicaChannel.guarded(
                            "replica-" + place,
                            (request, history) -> CompletableFuture.completedFuture(ANSWERED),
                            time))
                .toList());
    var unused = balancer.report(0);
    balancer.grant(slots, List.of());
    return balancer;
  }

  private WaitingRow add(long group) {
    WaitingRow row =
        new WaitingRow(
            new OutboundRequest("/v1/chat", new OutboundRequest.Json(new byte[0]), Map.of(), 1)
                .inGroup(group),
            new Neighbours().newRow());
    waiting.add(row);
    return row;
  }

  private void add(long group, int rows) {
    for (int i = 0; i < rows; i++) {
      add(group);
    }
  }

  /** Lets the next row out. */
  private Pick next() {
    Pick pick = choice.pick(waiting, balancer.openings(balancer.open()));
    waiting.take(pick.row());
    assertThat(balancer.enter(pick.target())).isPresent();
    choice.began(pick.row(), pick.target());
    underWay.add(pick);
    return pick;
  }

  private long nextGroup() {
    return next().row().request().group();
  }

  private List<Long> nextGroups(int rows) {
    return IntStream.range(0, rows).mapToObj(i -> nextGroup()).toList();
  }

  /** The first of a group that is under way ends. */
  private void end(long group, Attempt attempt) {
    Pick pick =
        underWay.stream()
            .filter(one -> one.row().request().group() == group)
            .findFirst()
            .orElseThrow();
    underWay.remove(pick);
    balancer.leave(pick.target(), attempt, 0, 1);
    choice.ended(pick.row(), pick.target(), attempt, waiting);
  }

  @Test
  void oneOfAGroupGoesBeforeTheRestAndOthersMeanwhile() {
    add(1, 3);
    add(2, 3);
    add(3, 3);

    assertThat(nextGroups(3)).containsExactly(1L, 2L, 3L);
    end(2, ANSWERED);
    assertThat(nextGroup()).as("its first was answered").isEqualTo(2);
  }

  @Test
  void noSlotIdlesWhenNothingElseWaits() {
    add(1, 5);

    assertThat(nextGroups(4)).containsExactly(1L, 1L, 1L, 1L);
    assertThat(balancer.open()).isEmpty();
  }

  @Test
  void aFirstThatWasNotAnsweredIsFollowedByAnother() {
    add(1, 3);
    add(2, 3);
    assertThat(nextGroups(2)).containsExactly(1L, 2L);
    end(1, EndsOfAttempts.status(503));

    assertThat(nextGroup()).isEqualTo(1);
    add(3);
    assertThat(nextGroup()).as("another group's first").isEqualTo(3);
  }

  @Test
  void rowsThatAreLikeNoOtherGoInTheirOrder() {
    WaitingRow one = add(0);
    add(7, 2);
    WaitingRow two = add(0);
    WaitingRow three = add(0);

    assertThat(List.of(next().row(), next().row(), next().row())).containsExactly(one, two, three);
    assertThat(nextGroup()).isEqualTo(7);
  }

  @Test
  void aGroupStaysAtItsReplica() {
    balancer = balancer(3, 12);
    add(5, 6);
    add(6, 6);
    Pick first = next();
    Pick other = next();
    end(5, ANSWERED);
    end(6, ANSWERED);
    for (int i = 0; i < 4; i++) {
      Pick pick = next();
      Pick own = pick.row().request().group() == 5 ? first : other;
      assertThat(pick.target()).isSameAs(own.target());
      end(pick.row().request().group(), ANSWERED);
    }
  }

  @Test
  void aReplicaGetsNoMoreThanItsPartOfTheSlots() {
    balancer = balancer(3, 12);
    add(5, 20);

    for (int i = 0; i < 12; i++) {
      next();
    }

    assertThat(underWay.stream().map(Pick::target).distinct().map(Target::taken))
        .containsExactly(4, 4, 4);
  }

  @Test
  void whatNeitherWaitsNorIsUnderWayIsForgotten() {
    for (int group = 1; group <= 1_000; group++) {
      add(group);
      next();
      end(group, ANSWERED);
    }

    assertThat(choice.remembered()).isZero();
  }
}
