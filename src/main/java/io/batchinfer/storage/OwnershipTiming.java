package io.batchinfer.storage;

import java.time.Duration;

/**
 * How long the parts of the ownership protocol last. An owner that could not write a beat for
 * {@code validity} stops granting; everything it granted has run out {@code fence} later; a
 * challenger waits {@code takeOver} on its own clock, which is longer than both together.
 */
public record OwnershipTiming(Duration beat, Duration validity, Duration fence, Duration takeOver) {
  public static final OwnershipTiming DEFAULT =
      new OwnershipTiming(
          Duration.ofSeconds(2),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  public OwnershipTiming {
    if (validity.plus(fence).compareTo(takeOver) >= 0) {
      throw new IllegalArgumentException(
          "take-over after "
              + takeOver
              + " is not later than validity "
              + validity
              + " plus fence "
              + fence);
    }
  }
}
