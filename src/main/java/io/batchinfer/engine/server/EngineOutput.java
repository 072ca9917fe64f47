package io.batchinfer.engine.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Reads what one process of an engine prints, for the log of whoever uses the engine when it does.
 * Reading is for one thread; dividing for any.
 */
final class EngineOutput implements Runnable {
  /** A line of more characters is taken in pieces. */
  private static final int LONGEST_LINE = 1 << 14;

  private final InputStream printed;
  private final StringBuilder line = new StringBuilder();
  private volatile @Nullable Division division;

  /** Whose lines these are. */
  private EngineLog log;

  /** Whether the last line was ended by its own end, with something on it. */
  private boolean hadWords;

  /** Whether the present line was begun for another log. */
  private boolean isRest;

  /** Whether nothing is read any more. */
  private volatile boolean over;

  /** What divides the lines of two logs, and whether it has come. */
  private record Division(String mark, EngineLog next, CountDownLatch seen) {}

  EngineOutput(InputStream printed, EngineLog log) {
    this.printed = printed;
    this.log = log;
  }

  /**
   * The line that divides what is for the present log from what is for the next one; somebody has
   * to print it by itself, after the end of a line.
   */
  String dividedFor(EngineLog next) {
    Division wanted = new Division("batchinfer-" + UUID.randomUUID(), next, new CountDownLatch(1));
    division = wanted;
    return wanted.mark;
  }

  /** Whether the line that was asked for last comes within that time, or nothing more can come. */
  boolean isDividedWithin(Duration time) throws InterruptedException {
    Division wanted = division;
    return wanted == null || over || wanted.seen.await(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Ends with the process; what it printed until then is kept. */
  @Override
  public void run() {
    try (Reader reader = new InputStreamReader(printed, StandardCharsets.UTF_8)) {
      char[] buffer = new char[1 << 13];
      for (int count = reader.read(buffer); count >= 0; count = reader.read(buffer)) {
        for (int i = 0; i < count; i++) {
          // Bars of progress are written over and over with a carriage return.
          if (buffer[i] == '\n' || buffer[i] == '\r') {
            end();
            continue;
          }
          line.append(buffer[i]);
          if (line.length() >= LONGEST_LINE) {
            take();
          }
        }
      }
    } catch (IOException e) {
      log.add("(what it printed after that could not be read: " + e.getMessage() + ")");
    }
    take();
    over = true;
    Division unseen = division;
    if (unseen != null) {
      unseen.seen.countDown();
    }
  }

  private void end() {
    Division wanted = division;
    if (wanted != null && wanted.mark.contentEquals(line)) {
      division = null;
      log = wanted.next;
      // The mark has cut that line: what follows is its rest.
      isRest = hadWords;
      hadWords = false;
      line.setLength(0);
      wanted.seen.countDown();
      return;
    }
    hadWords = !line.isEmpty();
    take();
    isRest = false;
  }

  private void take() {
    if (!line.isEmpty() && !isRest) {
      log.add(line.toString());
    }
    line.setLength(0);
  }
}
