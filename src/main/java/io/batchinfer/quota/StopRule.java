package io.batchinfer.quota;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.policy.StatusMeaning;
import io.batchinfer.policy.StatusMeaning.Stop;
import io.batchinfer.quota.QuotaAuthority.StopReason;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether a run must stop, by what the endpoint told its processes: refusals that no other attempt
 * can fix, and absences or pauses that are too long. Not thread-safe.
 */
final class StopRule {
  /** Slots until the endpoint has answered something with success. */
  static final int CANARIES = 4;

  /** Refusals that end a job which never had a success. */
  private static final int REFUSALS_BEFORE_FIRST_SUCCESS = 4;

  private final long[] meanings = new long[StatusMeaning.values().length];
  private boolean succeeded;

  /** Whether anything but the network has answered, or taken a request. */
  private boolean reached;

  private String unreachableDetail = "";
  private Optional<Duration> waitForEndpoint = Optional.empty();
  private long heardAt;
  private boolean draining;
  private @Nullable StopReason reason;

  StopRule(long now) {
    heardAt = now;
  }

  /** Waits that long for an endpoint that has not answered yet. */
  void waitForEndpoint(Duration patience) {
    waitForEndpoint = Optional.of(patience);
  }

  /** Takes in what a process reports, before it is noted as its last report. */
  void learn(QuotaRequest request, ProcessView process, Duration maxCoolDown, long now) {
    boolean unreachable = count(request, process, now);
    succeeded |= request.count(StatusMeaning.ANSWERED) > 0;
    if (request.observed().coolDownNanos() > maxCoolDown.toNanos()) {
      stop(
          ErrorCode.COOL_DOWN_TOO_LONG,
          "asks for a pause of "
              + Duration.ofNanos(request.observed().coolDownNanos()).toSeconds()
              + " s");
    }
    if (succeeded && unreachable && now - heardAt > maxCoolDown.toNanos()) {
      stop(
          ErrorCode.HOST_UNREACHABLE,
          "for " + maxCoolDown.toSeconds() + " s: " + request.observed().detail());
    }
    for (StatusMeaning meaning : StatusMeaning.values()) {
      Optional<ErrorCode> code = meaning.stopCode();
      if (code.isEmpty() || request.count(meaning) == process.count(meaning)) {
        continue;
      }
      if (meaning == StatusMeaning.UNREACHABLE) {
        unreachableDetail = request.observed().detail();
      }
      boolean stops =
          meaning.stop() == Stop.AT_ONCE
              || (!succeeded
                  && refusals(code.get()) >= REFUSALS_BEFORE_FIRST_SUCCESS
                  && !isFoundAway(meaning, request));
      if (stops) {
        stop(code.get(), request.observed().detail());
      }
    }
  }

  /** Counts what is new; returns whether the endpoint was out of reach for any of it. */
  private boolean count(QuotaRequest request, ProcessView process, long now) {
    boolean unreachable = false;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      long news = request.count(meaning) - process.count(meaning);
      meanings[meaning.ordinal()] += news;
      if (meaning == StatusMeaning.UNREACHABLE) {
        unreachable |= news > 0;
      } else if (news > 0 && meaning != StatusMeaning.NOT_SENT) {
        reached = true;
        heardAt = now;
        process.heard(now);
      }
    }
    if (request.inFlight() + request.wanted().waiting() == 0 && !unreachable) {
      process.heard(now);
    }
    return unreachable;
  }

  /**
   * Whether attempts failed because nobody was there, which is judged by what all processes see. A
   * certificate that does not fit is another matter.
   */
  private static boolean isFoundAway(StatusMeaning meaning, QuotaRequest request) {
    long refused = 0;
    for (ReplicaReport replica : request.replicas()) {
      refused += replica.signs().failed().refused();
    }
    return meaning == StatusMeaning.UNREACHABLE
        && request.count(meaning) - refused < REFUSALS_BEFORE_FIRST_SUCCESS;
  }

  /**
   * Ends the run when no replica is there and none is worth waiting for any longer: one that was
   * never there before the user told to wait for it, or any that has been away for too long.
   */
  void stopIfAwayTooLong(Optional<Absence> absence, Duration maxCoolDown) {
    if (absence.isEmpty() || !absence.get().all()) {
      return;
    }
    boolean neverThere = !succeeded && !reached && waitForEndpoint.isEmpty();
    if (neverThere && refusals(ErrorCode.HOST_UNREACHABLE) >= REFUSALS_BEFORE_FIRST_SUCCESS) {
      stop(ErrorCode.HOST_UNREACHABLE, unreachableDetail);
      return;
    }
    Duration patience = longestAbsence(maxCoolDown);
    if (absence.get().lasting().compareTo(patience) > 0) {
      stop(
          absence.get().answers() ? ErrorCode.COOL_DOWN_TOO_LONG : ErrorCode.HOST_UNREACHABLE,
          "%s, for %d s now".formatted(absence.get().how(), patience.toSeconds()));
    }
  }

  /** How long the endpoint may be away. */
  Duration longestAbsence(Duration maxCoolDown) {
    return succeeded ? maxCoolDown : waitForEndpoint.orElse(maxCoolDown);
  }

  private long refusals(ErrorCode code) {
    long sum = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      if (meaning.stopCode().filter(code::equals).isPresent()) {
        sum += meanings[meaning.ordinal()];
      }
    }
    return sum;
  }

  /**
   * Slots in all before the first success: those not refused yet, so that refusals that stop the
   * job are not followed by more requests.
   */
  int canaries() {
    if (succeeded) {
      return Integer.MAX_VALUE;
    }
    long refused = 0;
    for (StatusMeaning meaning : StatusMeaning.values()) {
      refused += meaning.stopCode().isPresent() ? meanings[meaning.ordinal()] : 0;
    }
    return (int) Math.max(1, CANARIES - refused);
  }

  boolean hasSucceeded() {
    return succeeded;
  }

  /** When the endpoint last answered any process of the run. */
  long heardAt() {
    return heardAt;
  }

  /** Stops; the first reason stays. */
  void stop(ErrorCode code, String detail) {
    if (reason == null) {
      reason = new StopReason(code, detail);
    }
  }

  /** Stops without a reason of its own. */
  void drain() {
    draining = true;
  }

  boolean isStopped() {
    return reason != null || draining;
  }

  Optional<StopReason> reason() {
    return Optional.ofNullable(reason);
  }
}
