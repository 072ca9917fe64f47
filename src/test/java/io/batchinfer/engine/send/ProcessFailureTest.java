package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.engine.Unexpected;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.core.LogEvent;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.appender.AbstractAppender;
import org.apache.logging.log4j.core.config.Property;
import org.junit.jupiter.api.Test;

/** Why a process can no longer work on a run. */
class ProcessFailureTest {
  private final ProcessFailure failure = new ProcessFailure();

  @Test
  void theFirstCauseCountsAndEveryOneStops() {
    AtomicInteger stopped = new AtomicInteger();
    failure.whenFailed(stopped::incrementAndGet);
    assertThat(stopped).hasValue(0);
    assertThatCode(failure::refuse).doesNotThrowAnyException();
    OutOfMemoryError first = new OutOfMemoryError("scripted");

    failure.unexpected().accept(first);
    failure.broke(new IllegalStateException("later"));

    assertThat(failure.cause()).isSameAs(first);
    assertThat(stopped).hasValue(2);
    assertThatThrownBy(failure::refuse).isSameAs(first);
  }

  @Test
  void whoAsksLateHearsAtOnce() {
    failure.broke(new IllegalStateException("scripted"));
    AtomicInteger stopped = new AtomicInteger();

    failure.whenFailed(stopped::incrementAndGet);

    assertThat(stopped).hasValue(1);
    assertThatThrownBy(failure::refuse).isInstanceOf(RuntimeException.class);
  }

  @Test
  void whatCannotEvenBeStoppedIsNoReasonToThrow() {
    IllegalStateException second = new IllegalStateException("cannot stop");
    failure.whenFailed(
        () -> {
          throw second;
        });

    assertThatCode(() -> failure.broke(new OutOfMemoryError("scripted")))
        .doesNotThrowAnyException();

    Throwable cause = Objects.requireNonNull(failure.cause());
    assertThat(cause).isInstanceOf(OutOfMemoryError.class);
    assertThat(cause.getSuppressed()).contains(second);
  }

  @Test
  void whatIsNoErrorEndsOnlyItsRow() {
    failure.unexpected().accept(new IllegalStateException("a row's"));

    assertThat(failure.cause()).isNull();
  }

  @Test
  void theLogSaysWhyTheRunEndsAndNothingOfWhatFollowsFromIt() {
    List<String> logged = new ArrayList<>();
    Logger logger = (Logger) LogManager.getLogger(Unexpected.class);
    AbstractAppender appender =
        new AbstractAppender("heard", null, null, true, Property.EMPTY_ARRAY) {
          @Override
          public void append(LogEvent event) {
            logged.add(event.getMessage().getFormattedMessage());
          }
        };
    appender.start();
    logger.addAppender(appender);
    try {
      failure.unexpected().accept(new OutOfMemoryError("scripted"));
      failure.unexpected().accept(new NoClassDefFoundError("follows"));
    } finally {
      logger.removeAppender(appender);
    }

    assertThat(logged)
        .singleElement()
        .asString()
        .startsWith("The run ends in this process")
        .contains("OutOfMemoryError");
  }
}
