package io.batchinfer.report;

import io.batchinfer.job.RunListener;
import io.batchinfer.job.RunProgress;
import io.batchinfer.model.Amount;
import io.batchinfer.model.Plan;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Shows a run while it goes: a live bar on a terminal, otherwise a line every ten seconds, and one
 * as soon as it begins to wait for an endpoint.
 */
public final class ProgressReport implements RunListener, AutoCloseable {
  private static final Duration LINE_INTERVAL = Duration.ofSeconds(10);

  /** A wait that begins is reported at once, but one that comes and goes does not fill a log. */
  private static final Duration WAIT_INTERVAL = Duration.ofSeconds(1);

  /** Time left that is over before anyone has read it. */
  private static final Duration SOON = Duration.ofSeconds(1);

  private final LiveLine live;
  private final boolean terminal;
  private String target = "";
  private String page = "";
  private Duration lastLine = Duration.ZERO;
  private boolean waits;
  private volatile long resumed;
  private volatile @Nullable RunProgress latest;

  /**
   * @param terminal whether {@code err} is a terminal
   */
  public ProgressReport(PrintWriter err, boolean terminal) {
    this.live = new LiveLine(err);
    this.terminal = terminal;
  }

  /** Says where the requests go, by a URL; told with the plan. */
  public void towards(String target) {
    this.target = target;
  }

  /** Says where the run can be looked at; told with the plan. */
  public void page(String address) {
    this.page = address;
  }

  /** How far the run is, in one line. From any thread. */
  public String now() {
    RunProgress progress = latest;
    return progress == null
        ? "Nothing has been sent yet."
        : String.join(", ", facts(progress, pace(progress)));
  }

  @Override
  public void planned(Plan plan, long resumedRows) {
    resumed = resumedRows;
    say(
        "%s in %s%s%s%s%s"
            .formatted(
                Amount.of(plan.rows(), "request"),
                Amount.of(plan.files().size(), "file"),
                target.isEmpty() ? "" : " for " + target,
                plan.invalidRows() > 0
                    ? ", %s invalid and recorded as %s"
                        .formatted(
                            Amount.of(plan.invalidRows(), "of them is", "of them are"),
                            plan.invalidRows() == 1 ? "an error" : "errors")
                    : "",
                resumedRows > 0
                    ? "; "
                        + Amount.of(
                            resumedRows,
                            "is settled by an earlier run",
                            "are settled by an earlier run")
                    : "",
                page.isEmpty() ? "" : "; its page is " + page));
    if (terminal) {
      live.show(new Pace(plan.rows(), resumedRows, 0), List.of("starting"));
    }
  }

  @Override
  public void progress(RunProgress progress) {
    latest = progress;
    Pace pace = pace(progress);
    if (terminal) {
      live.show(pace, facts(progress, pace));
    } else if (isLineDue(progress)) {
      lastLine = progress.elapsed();
      waits = !progress.moment().waitingFor().isEmpty();
      say(String.join(", ", facts(progress, pace)));
    }
  }

  private Pace pace(RunProgress progress) {
    double seconds = Math.max(0.001, progress.elapsed().toNanos() / 1e9);
    return new Pace(
        progress.total(),
        progress.rows().settled(),
        (progress.rows().settled() - resumed) / seconds);
  }

  private boolean isLineDue(RunProgress progress) {
    boolean beginsToWait = !waits && !progress.moment().waitingFor().isEmpty();
    Duration interval = beginsToWait ? WAIT_INTERVAL : LINE_INTERVAL;
    return progress.elapsed().minus(lastLine).compareTo(interval) >= 0;
  }

  /** What there is to say, the weightiest first. */
  private List<String> facts(RunProgress progress, Pace pace) {
    List<String> facts = new ArrayList<>();
    // A line that is too short for both shows what holds the job up.
    if (terminal && !progress.moment().waitingFor().isEmpty()) {
      facts.add(progress.moment().waitingFor());
    }
    facts.add(pace.position());
    if (!terminal && !progress.moment().waitingFor().isEmpty()) {
      facts.add(progress.moment().waitingFor());
    } else if (progress.moment().coolDown().isZero()) {
      waitedFor(progress, pace).or(pace::timeLeft).ifPresent(facts::add);
    } else {
      facts.add(
          "paused by the endpoint for " + (progress.moment().coolDown().toSeconds() + 1) + " s");
    }
    facts.add(pace.rate());
    if (progress.rows().failed() > 0) {
      facts.add(String.format(Locale.ROOT, "%,d failed", progress.rows().failed()));
    }
    facts.add(String.format(Locale.ROOT, "%,d in flight", progress.moment().inFlight()));
    @Nullable Double cost = progress.answers().cost();
    if (cost != null) {
      facts.add(String.format(Locale.ROOT, "cost %.2f", cost));
    }
    facts.add(Amount.of(progress.answers().usage().total(), "token"));
    return facts;
  }

  /**
   * Rows at the end that are neither settled nor under way have been answered with a refusal or a
   * failure, and wait for their next try; the rate of the others says nothing about them.
   */
  private static Optional<String> waitedFor(RunProgress progress, Pace pace) {
    long open = progress.total() - progress.rows().settled();
    boolean due = pace.left().filter(left -> left.compareTo(SOON) <= 0).isPresent();
    return open > 0 && progress.moment().inFlight() == 0 && due
        ? Optional.of("waiting to send " + Amount.of(open, "request") + " again")
        : Optional.empty();
  }

  @Override
  public void notice(String message) {
    say(message);
  }

  private void say(String message) {
    live.say(message);
  }

  /** Takes the live line away. */
  @Override
  public void close() {
    live.close();
  }
}
