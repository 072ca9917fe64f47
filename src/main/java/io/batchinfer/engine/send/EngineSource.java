package io.batchinfer.engine.send;

import io.batchinfer.engine.server.Engine;
import io.batchinfer.engine.server.EngineKind;
import io.batchinfer.engine.server.EngineSettings;
import io.batchinfer.engine.server.EngineUse;
import io.batchinfer.time.Time;
import java.util.function.Predicate;

/** Where the engines of a run come from. */
@FunctionalInterface
interface EngineSource {
  /**
   * One of that kind, taken over or started as {@link Engine#takeOrStart} does.
   *
   * @param told is told how it is, and says whether it is still wanted
   */
  EngineUse takeOrStart(
      EngineKind kind, EngineSettings settings, Time time, Predicate<EngineUse> told);
}
