package io.batchinfer.engine.server;

import io.batchinfer.model.EngineFigures;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A run's use of a model's server: where it answers, what it does and what it prints for that run.
 * Thread-safe.
 */
public interface EngineUse {
  /** Tells it from the others of a run. */
  String name();

  /** Where it answers now; empty while it does not. */
  Optional<URI> address();

  /** A request was sent to it. */
  void sent();

  /**
   * A request that was sent has come to its end.
   *
   * @param answered whether it was answered, with whatever status
   */
  void ended(boolean answered);

  /**
   * A row was answered with success.
   *
   * @param written tokens that it wrote
   */
  void served(long written);

  /**
   * Waits until it answers for the first time, or never will.
   *
   * @return whether it answers
   */
  boolean awaitReady() throws InterruptedException;

  /**
   * The run is done with it: it is kept for another run of that kind where it is well and has
   * answered all that it was sent, and ended otherwise. What it prints from now on is none of this
   * run's.
   *
   * @param idle how long it is kept; zero ends it
   */
  void leave(EngineKind kind, Duration idle);

  /** The last lines that it printed, without secrets. */
  List<String> lastLines();

  /** All that is kept of what it printed, without secrets. */
  byte[] printed();

  /** Bytes that it has printed. */
  long printedBytes();

  /** How it is. */
  EngineFigures figures();
}
