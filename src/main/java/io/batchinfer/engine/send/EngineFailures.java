package io.batchinfer.engine.send;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Engines that did not come up in this process: tasks that were started together with the one that
 * found out do not try again. Thread-safe.
 */
final class EngineFailures {
  static final EngineFailures HERE = new EngineFailures();

  private static final int REMEMBERED = 100;

  @GuardedBy("this")
  private final Map<String, String> failed = new LinkedHashMap<>();

  /** Something that may be interrupted. */
  @FunctionalInterface
  interface Making<T> {
    T make() throws InterruptedException;
  }

  /**
   * What is made; where it could not be made for want of an engine, that is thrown to all who wait
   * for it.
   */
  <T> T rethrown(WorkerSetting setting, Making<T> making) throws InterruptedException {
    String known = known(setting);
    if (!known.isEmpty()) {
      throw new BatchException(ErrorCode.ENGINE_FAILED, known);
    }
    try {
      return making.make();
    } catch (IllegalStateException e) {
      // Another thread made it.
      if (e.getCause() instanceof BatchException cause) {
        throw cause;
      }
      throw e;
    }
  }

  /**
   * What starts the engines of a run, once they are ready; where they do not come up, the tasks of
   * its submission are told so.
   */
  <T> T started(WorkerSetting setting, Making<T> starting) {
    try {
      return starting.make();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BatchException(
          ErrorCode.INTERRUPTED, "The task was ended while its engine was starting.", e);
    } catch (BatchException e) {
      if (e.code() == ErrorCode.ENGINE_FAILED) {
        note(setting, String.valueOf(e.getMessage()));
      }
      throw e;
    }
  }

  private synchronized String known(WorkerSetting setting) {
    return failed.getOrDefault(setting.engine().submission(), "");
  }

  private synchronized void note(WorkerSetting setting, String words) {
    failed.put(setting.engine().submission(), words);
    if (failed.size() > REMEMBERED) {
      failed.remove(failed.keySet().iterator().next());
    }
  }
}
