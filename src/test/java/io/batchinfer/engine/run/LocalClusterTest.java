package io.batchinfer.engine.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.copies.CopiedAnswer;
import io.batchinfer.engine.lead.Death;
import io.batchinfer.engine.lead.RunInterrupt;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.FileStores;
import io.batchinfer.testing.VirtualTime;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class LocalClusterTest {
  private static final TaskLabel LABEL = new TaskLabel("file:/none", "test");

  private final LocalCluster cluster = new LocalCluster(3, new FileStores(Configuration::new));

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void resultsComeInTheOrderOfTheItems() {
    List<Integer> items = IntStream.range(0, 1_000).boxed().toList();

    assertThat(cluster.map(LABEL, items, (item, here) -> item * 2))
        .isEqualTo(items.stream().map(item -> item * 2).toList());
    assertThat(cluster.map(LABEL, List.<Integer>of(), (item, here) -> item)).isEmpty();
  }

  @Test
  void noMoreTasksRunAtATimeThanThereAreThreads() {
    Semaphore room = new Semaphore(3);

    List<Boolean> had =
        cluster.map(
            LABEL,
            Collections.nCopies(200, 0),
            (item, here) -> {
              boolean got = room.tryAcquire();
              if (got) {
                room.release();
              }
              return got;
            });

    assertThat(had).containsOnly(true);
  }

  @Test
  void theFirstFailureIsTheGroupsAndEndsTheOthers() {
    CountDownLatch never = new CountDownLatch(1);
    BatchException failure = new BatchException(ErrorCode.USAGE, "wrong");

    assertThatThrownBy(
            () ->
                cluster.map(
                    LABEL,
                    List.of(0, 1, 2),
                    (item, here) -> {
                      if (item == 2) {
                        throw failure;
                      }
                      never.await();
                      return item;
                    }))
        .isSameAs(failure);
    assertThat(cluster.map(LABEL, List.of(7), (item, here) -> item)).containsExactly(7);
  }

  @Test
  void anInterruptedRunEndsWhatItWaitsForAndWhatItBeginsThen() {
    RunInterrupt interrupt = new RunInterrupt();
    CountDownLatch never = new CountDownLatch(1);
    try (Cluster.Held held = cluster.interruptible(interrupt, new VirtualTime())) {
      assertThatThrownBy(
              () ->
                  cluster.map(
                      LABEL,
                      List.of(0),
                      (item, here) -> {
                        interrupt.interrupt(130);
                        never.await();
                        return item;
                      }))
          .isInstanceOf(CancellationException.class);
      assertThatThrownBy(
              () ->
                  cluster.map(
                      LABEL,
                      List.of(0),
                      (item, here) -> {
                        never.await();
                        return item;
                      }))
          .isInstanceOf(CancellationException.class);
    }
    assertThat(cluster.map(LABEL, List.of(7), (item, here) -> item)).containsExactly(7);
  }

  @Test
  void answersComeToTheirSplitsInTheOrderOfTheirLines() throws Exception {
    long seed = System.nanoTime();
    List<Long> keys = new ArrayList<>();
    for (int split = 0; split < 600; split++) {
      for (int line = 0; line < 20; line++) {
        keys.add(((long) split << Integer.SIZE) | line);
      }
    }
    List<Long> mixed = new ArrayList<>(keys);
    Collections.shuffle(mixed, new Random(seed));
    List<Long> written = Collections.synchronizedList(new ArrayList<>());

    Future<Void> shuffled =
        cluster.shuffle(
            LABEL,
            IntStream.range(0, 12).boxed().toList(),
            (item, here) ->
                mixed.subList(item * 1_000, (item + 1) * 1_000).stream()
                    .map(LocalClusterTest::answer)
                    .iterator(),
            75,
            (answers, here) -> take(answers, written));
    shuffled.get();

    assertThat(written).as("seed %d", seed).containsExactlyInAnyOrderElementsOf(keys);
    for (int i = 1; i < written.size(); i++) {
      boolean sameSplit =
          CopiedAnswer.splitOf(written.get(i)) == CopiedAnswer.splitOf(written.get(i - 1));
      assertThat(sameSplit ? written.get(i - 1) < written.get(i) : true)
          .as("seed %d, at %d", seed, i)
          .isTrue();
    }
    assertThat(
            IntStream.range(1, written.size())
                .filter(
                    i ->
                        CopiedAnswer.splitOf(written.get(i))
                            != CopiedAnswer.splitOf(written.get(i - 1)))
                .count())
        .as("each split is written once, seed %d", seed)
        .isEqualTo(599);
  }

  private static CopiedAnswer answer(long key) {
    return new CopiedAnswer(key, "out", ("{\"key\":" + key + "}").getBytes(StandardCharsets.UTF_8));
  }

  private static void take(Iterator<CopiedAnswer> answers, List<Long> written) {
    answers.forEachRemaining(
        answer -> {
          assertThat(new String(answer.resultLine(), StandardCharsets.UTF_8))
              .isEqualTo("{\"key\":" + answer.key() + "}");
          written.add(answer.key());
        });
  }

  @Test
  void aFailureWhileAnswersAreReadIsTheShuffles() {
    Future<Void> shuffled =
        cluster.shuffle(
            LABEL,
            List.of(0),
            (item, here) -> {
              throw new IllegalStateException("unreadable");
            },
            1,
            (answers, here) -> {});

    assertThatThrownBy(() -> Tasks.await(shuffled))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("unreadable");
  }

  @Test
  void aTaskReachesTheDriverAsLongAsTheConnectionHolds() throws Exception {
    try (Cluster.Held held =
        cluster.connect(
            "run",
            message -> CompletableFuture.completedFuture(new byte[] {(byte) (message[0] + 1)}),
            new NoDeaths(),
            thrown -> {})) {
      List<Byte> answers =
          cluster.map(
              LABEL,
              List.of(1),
              (item, here) ->
                  here.driver("run").ask(new byte[] {5}).toCompletableFuture().join()[0]);
      assertThat(answers).containsExactly((byte) 6);
    }
    assertThatThrownBy(
            () ->
                cluster.map(
                    LABEL, List.of(1), (item, here) -> here.driver("run").ask(new byte[] {5})))
        .hasMessageContaining("The run is over");
  }

  private static final class NoDeaths implements Cluster.Deaths {
    @Override
    public void gone(String process, Death death) {
      throw new AssertionError(process);
    }

    @Override
    public void ended(String process) {
      throw new AssertionError(process);
    }
  }
}
