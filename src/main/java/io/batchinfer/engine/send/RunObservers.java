package io.batchinfer.engine.send;

import io.batchinfer.config.ProviderProfile;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.WatchingOptions;
import io.batchinfer.engine.BuildVersion;
import io.batchinfer.engine.RunSecrets;
import io.batchinfer.time.Ticker;
import io.batchinfer.watch.WorkObserver;
import io.batchinfer.watch.otlp.OtlpSettings;
import io.batchinfer.watch.otlp.OtlpWorkObserver;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Who follows what a process does for a run, as the run's options say. */
final class RunObservers {
  private RunObservers() {}

  /**
   * The observer of a run in this process; the caller closes it.
   *
   * @param session unique name of the process
   * @param notice is told what the user should know of it
   */
  static WorkObserver of(
      WorkerSetting setting,
      RunSecrets secrets,
      String session,
      Ticker ticker,
      Clock clock,
      Consumer<String> notice) {
    ResolvedOptions options = setting.spec().options();
    if (options.find(WatchingOptions.OTLP_ENDPOINT).isEmpty()) {
      return WorkObserver.NONE;
    }
    List<String> hidden = new ArrayList<>(secrets.values());
    hidden.addAll(secrets.collector().values());
    return new OtlpWorkObserver(
        new OtlpSettings(
            options.get(WatchingOptions.OTLP_ENDPOINT),
            secrets.collector(),
            session,
            BuildVersion.CURRENT,
            options.profile().map(ProviderProfile::name).orElse(""),
            ticker,
            clock,
            notice),
        setting.traceParent(),
        hidden);
  }
}
