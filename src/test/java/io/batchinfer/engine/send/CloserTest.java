package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CloserTest {
  private final List<String> closed = new ArrayList<>();

  private AutoCloseable named(String name) {
    return () -> closed.add(name);
  }

  @Test
  void theLastThatWasOpenedIsClosedFirstAndAllAreClosedWhateverFails() {
    OutOfMemoryError first = new OutOfMemoryError("scripted");
    IllegalStateException second = new IllegalStateException("scripted");
    Closer closer = new Closer();
    closer.add(named("a"));
    closer.add(
        () -> {
          throw second;
        });
    closer.add(named("b"));
    closer.add(
        () -> {
          throw first;
        });
    closer.add(named("c"));

    assertThatThrownBy(closer::close)
        .isInstanceOf(IllegalStateException.class)
        .hasCause(first)
        .satisfies(thrown -> assertThat(thrown.getSuppressed()).containsExactly(second));
    assertThat(closed).containsExactly("c", "b", "a");
    closer.close();
    assertThat(closed).hasSize(3);
  }

  @Test
  void whatIsOpenedIsGivenBackToBeUsed() {
    AutoCloseable opened = named("a");

    try (Closer closer = new Closer()) {
      assertThat(closer.add(opened)).isSameAs(opened);
    }
    assertThat(closed).containsExactly("a");
  }
}
