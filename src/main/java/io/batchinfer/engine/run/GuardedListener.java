package io.batchinfer.engine.run;

import io.batchinfer.engine.Unexpected;
import io.batchinfer.job.JobFolder;
import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.Plan;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells a listener and goes on whatever it throws: a screen that cannot be written to is no reason
 * to end a run. Each kind of failure is logged once. Thread-safe where the listener is.
 */
final class GuardedListener implements RunListener {
  private static final Logger LOG = LoggerFactory.getLogger(GuardedListener.class);
  private static final int MOST_KINDS = 20;
  private static final int MOST_SAID = 1_000;

  private final RunListener listener;
  private final Consumer<Throwable> broke;
  private final Set<String> logged = ConcurrentHashMap.newKeySet();
  private final Set<String> said = ConcurrentHashMap.newKeySet();

  /**
   * @param broke is told what leaves this process unfit for work
   */
  GuardedListener(RunListener listener, Consumer<Throwable> broke) {
    this.listener = listener;
    this.broke = broke;
  }

  @Override
  public void planned(Plan plan, long resumedRows) {
    guarded(() -> listener.planned(plan, resumedRows));
  }

  @Override
  public void progress(RunProgress progress) {
    guarded(() -> listener.progress(progress));
  }

  @Override
  public void finalizing() {
    guarded(listener::finalizing);
  }

  @Override
  public void ended(JobFolder folder) {
    guarded(() -> listener.ended(folder));
  }

  @Override
  public void notice(String message) {
    if (said.size() < MOST_SAID) {
      said.add(message);
    }
    guarded(() -> listener.notice(message));
  }

  /** Tells that unless somebody has told the same of this run. */
  void noticeOnce(String message) {
    if (!said.contains(message)) {
      notice(message);
    }
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (Throwable thrown) {
      if (Unexpected.isFatal(thrown)) {
        broke.accept(thrown);
        return;
      }
      String words = Unexpected.words(thrown);
      if (logged.size() < MOST_KINDS && logged.add(words)) {
        LOG.error("A report of the run could not be handled; the run goes on: {}", words);
      }
    }
  }
}
