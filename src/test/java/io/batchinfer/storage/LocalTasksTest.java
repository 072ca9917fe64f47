package io.batchinfer.storage;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LocalTasksTest {
  @Test
  void resultsComeInTheOrderOfTheItems() {
    List<Integer> items = IntStream.range(0, 1000).boxed().toList();

    assertThat(new LocalTasks(4).map(items, item -> item * 2))
        .isEqualTo(items.stream().map(item -> item * 2).toList());
  }

  @Test
  void itemsAreWorkedOnTogether() {
    CountDownLatch both = new CountDownLatch(2);

    assertThat(
            new LocalTasks(2)
                .map(
                    List.of(1, 2),
                    item -> {
                      both.countDown();
                      return meets(both);
                    }))
        .containsExactly(true, true);
  }

  private static boolean meets(CountDownLatch latch) {
    try {
      return latch.await(LONG_ENOUGH.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Test
  void theFirstFailureIsThrownAsItIs() {
    BatchException failure = new BatchException(ErrorCode.INVALID_INPUT, "damaged");

    assertThatThrownBy(
            () ->
                new LocalTasks(2)
                    .map(
                        List.of(1, 2, 3),
                        item -> {
                          throw failure;
                        }))
        .isSameAs(failure);
  }
}
