package io.batchinfer.engine;

import io.batchinfer.client.Attempt;
import io.batchinfer.client.TransportException;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where everything is reported that a callback of a run throws and should not. A row that it
 * happened to ends as its channel says; an Error ends the run in this process. Thread-safe.
 */
public final class Unexpected implements Consumer<Throwable> {
  private static final Logger LOG = LoggerFactory.getLogger(Unexpected.class);

  /** Kinds of failures that are logged, each once. */
  private static final int MOST_KINDS = 100;

  private static final int FRAMES = 12;

  private final Consumer<Throwable> fatal;
  private final Set<String> logged = ConcurrentHashMap.newKeySet();

  /**
   * @param fatal ends the run in this process
   */
  public Unexpected(Consumer<Throwable> fatal) {
    this.fatal = fatal;
  }

  @Override
  public void accept(Throwable thrown) {
    Throwable cause = causeOf(thrown);
    if (isFatal(cause)) {
      fatal.accept(cause);
    } else {
      log("A request ended in an unexpected way", cause);
    }
  }

  /** What a stage failed of, without what the stage wraps it in. */
  public static Throwable causeOf(Throwable thrown) {
    return Objects.requireNonNull(Attempt.causeOf(thrown));
  }

  /**
   * Whether no other row may be tried after it: the process is short of memory, or its classes do
   * not fit together. A stack that overflowed is as good as new once it is unwound.
   */
  public static boolean isFatal(Throwable cause) {
    return cause instanceof Error && !(cause instanceof StackOverflowError);
  }

  /** Logs the first failure of each kind. */
  public void log(String what, Throwable cause) {
    try {
      if (hasWordsOfItsOwn(cause)) {
        // Whoever started the run is told so in the same words.
        LOG.info("{}: {}", what, cause.getMessage());
        return;
      }
      String words = words(cause);
      if (logged.size() < MOST_KINDS && logged.add(words)) {
        LOG.error("{}: {}", what, words);
      }
    } catch (Throwable noMemory) {
      // Whoever is out of memory cannot even say so; the run ends with it all the same.
      cause.addSuppressed(noMemory);
    }
  }

  /**
   * A failure as a log may show it: messages of libraries can quote what they could not read, which
   * may be a prompt or an answer, so only known ones are shown.
   */
  public static String words(Throwable thrown) {
    StringBuilder words = new StringBuilder();
    int frames = FRAMES;
    for (@Nullable Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      words.append(words.isEmpty() ? "" : "\ncaused by ").append(cause.getClass().getName());
      if (tellsNoBody(cause) && cause.getMessage() != null) {
        words.append(": ").append(cause.getMessage());
      }
      StackTraceElement[] trace = cause.getStackTrace();
      for (int i = 0; i < trace.length && i < frames; i++) {
        words.append("\n  at ").append(trace[i]);
      }
      frames = FRAMES / 3;
    }
    return words.toString();
  }

  /** Whether its message tells a user all that there is to know. */
  private static boolean hasWordsOfItsOwn(Throwable cause) {
    return cause instanceof StorageException || cause instanceof BatchException;
  }

  private static boolean tellsNoBody(Throwable cause) {
    return cause instanceof VirtualMachineError
        || cause instanceof LinkageError
        || cause instanceof StorageException
        || cause instanceof BatchException
        || cause instanceof TransportException;
  }

  /**
   * What ends a run that broke: failures with words of their own, and Errors, stay what they are.
   */
  public static Throwable ending(Throwable thrown) {
    Throwable cause = causeOf(thrown);
    if (cause instanceof Error || hasWordsOfItsOwn(cause)) {
      return cause;
    }
    StackTraceElement[] trace = cause.getStackTrace();
    return new BatchException(
        ErrorCode.INTERNAL,
        "A defect of this program ended the run: %s%s. What was answered is saved."
            .formatted(
                cause.getClass().getSimpleName(), trace.length == 0 ? "" : " at " + trace[0]),
        cause);
  }
}
