package io.batchinfer.engine.server;

import io.batchinfer.time.Time;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * One process of an engine, with all that it starts: in a session of its own, under a watch that
 * ends all of it when this JVM asks for that or is gone, however it went. Thread-safe.
 */
final class EngineProcess implements AutoCloseable {
  /** How much longer than the time between its signals a watch may take. */
  private static final Duration SLACK = Duration.ofSeconds(5);

  /** For the watch to print a line, which takes it no time unless the machine is overloaded. */
  private static final Duration LONGEST_DIVISION = Duration.ofSeconds(30);

  private static final int MOST_KILLS = 100;
  private static final Duration BETWEEN_KILLS = Duration.ofMillis(20);

  private static final String WATCH = watch();

  private final Process watch;
  private final EngineOutput output;
  private final Thread reader;
  private final EngineMark mark;
  private final Duration grace;
  private final Time time;

  private EngineProcess(
      Process watch, EngineOutput output, EngineMark mark, Duration grace, Time time) {
    this.time = time;
    this.watch = watch;
    this.output = output;
    this.mark = mark;
    this.grace = grace;
    this.reader = new Thread(output, "batchinfer-engine-log");
    reader.setDaemon(true);
    reader.start();
  }

  /**
   * Starts one.
   *
   * @param words the command
   * @param environment variables that it gets beside those of this process
   * @param grace whole seconds between asking it to end and ending it
   * @param log is given what it prints
   * @throws IOException where this machine cannot start any process in that way
   */
  static EngineProcess start(
      List<String> words, Map<String, String> environment, Duration grace, EngineLog log, Time time)
      throws IOException {
    EngineMark mark = EngineMark.ofThisProcess();
    List<String> command =
        new ArrayList<>(List.of("setsid", "sh", "-c", WATCH, "batchinfer-engine"));
    command.add(mark.text());
    command.add(Long.toString(grace.toSeconds()));
    command.addAll(words);
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    // What executors know each other by is not for others.
    builder.environment().keySet().removeIf(name -> name.startsWith("_SPARK"));
    builder.environment().putAll(environment);
    Process watch = builder.start();
    return new EngineProcess(
        watch, new EngineOutput(watch.getInputStream(), log), mark, grace, time);
  }

  private static String watch() {
    try (InputStream script = EngineProcess.class.getResourceAsStream("watch.sh")) {
      if (script == null) {
        throw new IllegalStateException("watch.sh is not on the class path");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What it prints from now on is for another log, and nothing that it printed before: returns once
   * the watch has told the two apart, so that nothing that is asked of it from now on is among the
   * lines of before.
   */
  void printFor(EngineLog next) {
    String mark = output.dividedFor(next) + "\n";
    try {
      OutputStream toWatch = watch.getOutputStream();
      toWatch.write(mark.getBytes(StandardCharsets.US_ASCII));
      toWatch.flush();
      if (!output.isDividedWithin(LONGEST_DIVISION)) {
        next.add("batchinfer: some of what it prints may be missing here");
      }
    } catch (IOException ended) {
      next.add("batchinfer: its process has just ended (" + ended.getMessage() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether another process has the port on which this one is to listen. */
  boolean isPortAnothers(int port) {
    return PortOwner.isAnothers(port, mark);
  }

  boolean isAlive() {
    return watch.isAlive();
  }

  /** Waits for its end; whether it has come. */
  boolean hasEndedWithin(Duration time) throws InterruptedException {
    return watch.waitFor(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** How it ended, in words. */
  String end() {
    int code = watch.exitValue();
    if (code == 127) {
      return "the command was not found (exit code 127)";
    }
    return code > 128
        ? "it was ended by signal " + (code - 128)
        : "it ended with exit code " + code;
  }

  /**
   * Ends it and all that it started, and returns when nothing of it is left and what it printed is
   * in its log.
   */
  @Override
  public void close() {
    boolean interrupted = false;
    try {
      watch.getOutputStream().close();
    } catch (IOException gone) {
      // The watch has ended already.
    }
    boolean ended = false;
    long until = time.nanos() + grace.plus(SLACK).toNanos();
    while (!ended && time.nanos() < until) {
      try {
        ended = watch.waitFor(until - time.nanos(), TimeUnit.NANOSECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    watch.destroyForcibly();
    // A process that was killed takes a moment to go.
    for (int i = 0; i < MOST_KILLS && mark.killAll() > 0; i++) {
      time.pause(BETWEEN_KILLS);
    }
    try {
      reader.join(SLACK.toMillis());
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
