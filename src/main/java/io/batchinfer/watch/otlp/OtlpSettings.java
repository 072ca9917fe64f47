package io.batchinfer.watch.otlp;

import io.batchinfer.time.Ticker;
import java.time.Clock;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Where a collector is, and who tells it of what.
 *
 * @param endpoint its base URL, to which the paths of the signals are added
 * @param headers headers of every request to it, which may be secret
 * @param instance unique name of this process
 * @param version of the program
 * @param provider name of the provider's profile, or empty
 * @param ticker what durations are measured by
 * @param clock the wall clock
 * @param notice is told, once, that the collector does not take what it is sent
 */
public record OtlpSettings(
    String endpoint,
    Map<String, String> headers,
    String instance,
    String version,
    String provider,
    Ticker ticker,
    Clock clock,
    Consumer<String> notice) {
  public OtlpSettings {
    headers = new TreeMap<>(headers);
  }

  /** Without header values. */
  @Override
  public String toString() {
    return "OtlpSettings[endpoint=" + endpoint + ", headers=" + headers.keySet() + "]";
  }
}
