package io.batchinfer.report;

import io.batchinfer.job.RunListener;
import io.batchinfer.model.Plan;
import io.batchinfer.model.Usage;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows a run while it goes: a live bar on a terminal, otherwise a line every ten seconds. */
public final class ProgressReport implements RunListener, AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);
  private static final int BAR_UPDATE_MILLIS = 200;

  private final PrintWriter err;
  private final boolean terminal;
  private final Optional<ToDoubleFunction<Usage>> cost;
  private @Nullable ProgressBar bar;
  private Duration lastLine = Duration.ZERO;
  private long resumed;

  /**
   * @param terminal whether {@code err} is a terminal
   * @param cost what tokens cost, empty when a price is unknown
   */
  public ProgressReport(PrintWriter err, boolean terminal, Optional<ToDoubleFunction<Usage>> cost) {
    this.err = err;
    this.terminal = terminal;
    this.cost = cost;
  }

  @Override
  public void planned(Plan plan, long resumedRows) {
    resumed = resumedRows;
    say(
        "%,d requests in %,d file%s%s%s"
            .formatted(
                plan.rows(),
                plan.files().size(),
                plan.files().size() == 1 ? "" : "s",
                plan.invalidRows() > 0
                    ? ", %,d of them invalid and recorded as errors".formatted(plan.invalidRows())
                    : "",
                resumedRows > 0
                    ? "; %,d are settled by an earlier run".formatted(resumedRows)
                    : ""));
    if (terminal) {
      bar =
          new ProgressBarBuilder()
              .setTaskName("Sending")
              .setInitialMax(plan.rows())
              .setUpdateIntervalMillis(BAR_UPDATE_MILLIS)
              .setStyle(ProgressBarStyle.ASCII)
              .startsFrom(resumedRows, Duration.ZERO)
              .build();
    }
  }

  @Override
  public void progress(RunProgress progress) {
    ProgressBar shown = bar;
    if (shown != null) {
      shown.stepTo(progress.settled());
      shown.setExtraMessage(" " + details(progress));
    } else if (!terminal && progress.elapsed().minus(lastLine).compareTo(LINE_INTERVAL) >= 0) {
      lastLine = progress.elapsed();
      say(
          "%,d of %,d (%d %%), %s"
              .formatted(
                  progress.settled(),
                  progress.total(),
                  progress.total() == 0 ? 0 : progress.settled() * 100 / progress.total(),
                  details(progress)));
    }
  }

  private String details(RunProgress progress) {
    double seconds = Math.max(0.001, progress.elapsed().toNanos() / 1e9);
    double rate = (progress.settled() - resumed) / seconds;
    long left = progress.total() - progress.settled();
    Usage usage = new Usage(progress.promptTokens(), progress.completionTokens());
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%.0f/s, %d in flight", rate, progress.inFlight()));
    if (progress.failed() > 0) {
      text.append(String.format(Locale.ROOT, ", %,d failed", progress.failed()));
    }
    text.append(String.format(Locale.ROOT, ", %,d tokens", usage.total()));
    cost.ifPresent(
        price ->
            text.append(String.format(Locale.ROOT, ", cost %.2f", price.applyAsDouble(usage))));
    if (!progress.coolDown().isZero()) {
      text.append(", paused by the endpoint for ")
          .append(progress.coolDown().toSeconds() + 1)
          .append(" s");
    } else if (rate > 0 && left > 0) {
      text.append(", ").append(shown(Duration.ofSeconds((long) (left / rate)))).append(" left");
    }
    return text.toString();
  }

  private static String shown(Duration left) {
    if (left.toHours() > 0) {
      return left.toHours() + " h " + left.toMinutesPart() + " min";
    }
    return left.toMinutes() > 0
        ? left.toMinutes() + " min " + left.toSecondsPart() + " s"
        : left.toSeconds() + " s";
  }

  @Override
  public void notice(String message) {
    say(message);
  }

  private void say(String message) {
    err.println(message);
    err.flush();
  }

  /** Ends the bar, so that what follows starts on a line of its own. */
  @Override
  public void close() {
    ProgressBar shown = bar;
    bar = null;
    if (shown != null) {
      shown.close();
    }
  }
}
