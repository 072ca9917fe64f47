package io.batchinfer.engine.run;

import io.batchinfer.engine.send.WorkerRuntime;

/** Engines that runs have left to later ones in the process where they worked. */
public final class WarmEngines {
  private WarmEngines() {}

  /**
   * Ends those of this process, and returns when they are gone. Those of other processes end with
   * these.
   */
  public static void endHere() {
    WorkerRuntime.endIdleEngines();
  }
}
