package io.batchinfer.engine.lead;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.storage.StorageException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * How the workers' stage ended.
 *
 * @param failure what it failed with, or null where it did not
 * @param words the same for a user, empty where it did not fail
 */
record WorkersEnd(@Nullable Throwable failure, Optional<String> words) {
  private static final List<String> MARKERS =
      List.of(BatchException.class.getName() + ": ", StorageException.class.getName() + ": ");

  /**
   * Of workers that are done.
   *
   * @throws InterruptedException when the thread is interrupted
   */
  static WorkersEnd of(Future<Void> workers) throws InterruptedException {
    try {
      workers.get();
      return new WorkersEnd(null, Optional.empty());
    } catch (ExecutionException e) {
      return new WorkersEnd(e, Optional.of(rootMessage(e)));
    } catch (CancellationException e) {
      return new WorkersEnd(e, Optional.of("cancelled"));
    }
  }

  /** Stops where the same workers would only fail again. */
  void refuseLasting() {
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof BatchException known
          && (known.code() == ErrorCode.USAGE || known.code() == ErrorCode.INTERNAL)) {
        throw known;
      }
      if (cause instanceof StorageException) {
        throw new BatchException(
            ErrorCode.STORAGE_FAILED,
            "%s Sending stopped at once, since an answer that cannot be kept is paid for in vain. What was saved before stays; mend the cause and give the same command again."
                .formatted(cause.getMessage()),
            cause);
      }
    }
  }

  /** The first line that says something, innermost first. */
  private static String rootMessage(Throwable thrown) {
    Throwable cause = thrown;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    String message = String.valueOf(cause.getMessage());
    for (String marker : MARKERS) {
      int at = message.indexOf(marker);
      if (at >= 0) {
        return firstLine(message.substring(at + marker.length()));
      }
    }
    return firstLine(message);
  }

  private static String firstLine(String text) {
    int lineEnd = text.indexOf('\n');
    return lineEnd < 0 ? text : text.substring(0, lineEnd);
  }
}
