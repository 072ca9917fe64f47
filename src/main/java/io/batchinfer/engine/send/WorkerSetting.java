package io.batchinfer.engine.send;

import io.batchinfer.engine.ProcessorMeter;
import io.batchinfer.engine.RunSpec;
import io.batchinfer.model.ProcessorTime;
import io.batchinfer.quota.DriverPort;
import io.batchinfer.storage.FileStore;
import java.util.function.Supplier;

/**
 * What a process is told by whoever lets it work for a run.
 *
 * @param store where the run's folder and its input are
 * @param epoch number of what is journalled
 * @param token what tells this run from every other, in messages to the driver
 * @param driver the way to the driver
 * @param process the name that the cluster manager knows this process by
 * @param traceParent the run's span, for a collector that is told of the run; empty for none
 * @param engine the place where an engine of the run may be started
 */
public record WorkerSetting(
    RunSpec spec,
    FileStore store,
    long epoch,
    String token,
    DriverPort driver,
    String process,
    String traceParent,
    EnginePlace engine) {

  /** The name of the process that also leads the run. */
  public static final String DRIVER = "driver";

  /** Of a run of which no collector is told. */
  WorkerSetting(
      RunSpec spec, FileStore store, long epoch, String token, DriverPort driver, String process) {
    this(spec, store, epoch, token, driver, process, "", EnginePlace.NOWHERE);
  }

  /** How busy this process is from now on; the driver looks at its own process itself. */
  Supplier<ProcessorTime> processors() {
    if (process.equals(DRIVER)) {
      return () -> ProcessorTime.NONE;
    }
    ProcessorTime before = ProcessorMeter.HERE.read();
    return () -> ProcessorMeter.HERE.read().since(before);
  }

  /** What all workers of the run in this process have in common, and no others. */
  String key() {
    return spec.root() + "#" + token + "#" + epoch;
  }
}
