package io.batchinfer.engine.lead;

import io.batchinfer.config.RetryOptions;
import io.batchinfer.engine.lead.EndReasons.End;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.model.JobStatus;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import io.batchinfer.remote.RemoteException;
import io.batchinfer.remote.RemoteException.Kind;
import java.time.Duration;

/**
 * What follows when a step of a batch goes wrong: it is tried again, each time after a longer wait,
 * or the run ends. For one thread.
 */
final class RemoteTroubles {
  /** How often something is tried that goes wrong, before the run ends. */
  private static final int MOST_TROUBLES = 30;

  private final RunContext run;
  private final RemoteSettings settings;
  private final RemoteReach reach;

  RemoteTroubles(RunContext run, RemoteSettings settings) {
    this.run = run;
    this.settings = settings;
    this.reach = new RemoteReach(run.request().options().find(RetryOptions.WAIT_FOR_ENDPOINT));
  }

  /** The provider has answered. */
  void answered() {
    reach.answered();
  }

  /**
   * A request to the provider failed.
   *
   * @param now in nanoseconds of the run's time
   * @throws RemoteEnd where the run cannot go on
   */
  void met(BatchOnItsWay batch, RemoteException e, long now) {
    if (e.kind() == Kind.UNREACHABLE) {
      reach.refused(now);
      if (reach.isGivenUp(now)) {
        throw new RemoteEnd(
            StopMessages.end(
                new StopReason(ErrorCode.HOST_UNREACHABLE, String.valueOf(e.getMessage())),
                run.request().options()));
      }
    } else {
      reach.answered();
    }
    Duration atLeast = e.retryAfter().orElse(Duration.ZERO);
    batch.troubled(now, settings.firstPoll(), settings.longestPoll(), atLeast);
    tell(batch, String.valueOf(e.getMessage()), e.kind() == Kind.REFUSED);
    if (e.kind() == Kind.UNREACHABLE && !reach.hasAnswered()) {
      batch.troubles = Math.min(batch.troubles, 2);
      batch.lookIn(RemoteReach.PAUSE, now);
    }
  }

  /**
   * What the provider has of a batch cannot be read.
   *
   * @throws RemoteEnd where the run cannot go on
   */
  void unreadable(BatchOnItsWay batch, String problem, long now) {
    batch.troubled(now, settings.firstPoll(), settings.longestPoll(), Duration.ZERO);
    tell(batch, "its answers cannot be read: " + problem, false);
  }

  private void tell(BatchOnItsWay batch, String words, boolean lasting) {
    if (lasting || batch.troubles > MOST_TROUBLES) {
      throw new RemoteEnd(end("The provider's batch service refused: " + words));
    }
    if (batch.troubles == 1) {
      run.listener()
          .notice("The provider's batch service: %s; it is tried again.".formatted(words));
    }
  }

  /** The end of a run whose provider does not do what it is asked for. */
  static End end(String words) {
    return new End(
        JobStatus.STOPPED,
        (words.endsWith(".") ? words : words + ".")
            + " Nothing more is submitted; what was answered is saved, and what runs there goes on. Mend the cause and give the same command again.",
        1);
  }
}
