package io.batchinfer.engine;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** How long threads have waited for a processor, as Linux tells. */
final class ThreadWaits {
  /** The second of three numbers: on a processor, waiting for one, turns. */
  private static final int WAITING = 1;

  private ThreadWaits() {}

  /**
   * Nanoseconds of all threads that there are; below zero where the platform does not tell.
   *
   * @param threads a folder with one for each thread
   */
  static long nanos(Path threads) {
    String @Nullable [] ids = threads.toFile().list();
    if (ids == null) {
      return -1;
    }
    long sum = -1;
    for (String id : ids) {
      long waited = nanosOf(threads.resolve(id).resolve("schedstat"));
      sum = waited < 0 ? sum : Math.max(0, sum) + waited;
    }
    return sum;
  }

  /** Of one thread; below zero where it has ended meanwhile. */
  private static long nanosOf(Path file) {
    try {
      String[] numbers = Files.readString(file, StandardCharsets.US_ASCII).strip().split(" ", -1);
      return numbers.length > WAITING ? Long.parseLong(numbers[WAITING]) : -1;
    } catch (IOException | NumberFormatException e) {
      return -1;
    }
  }
}
