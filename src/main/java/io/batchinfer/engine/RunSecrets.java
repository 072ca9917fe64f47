package io.batchinfer.engine;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What must appear nowhere but on the wire to whom it is for: header values. Executors fetch it
 * from the driver and keep it in memory.
 *
 * @param headers headers of every request, the Authorization header among them
 * @param proxies proxy addresses by base URL, which may hold a password
 * @param collector headers of every request to the OpenTelemetry collector
 * @param engine variables that engines get beside those of their executors
 */
public record RunSecrets(
    SortedMap<String, String> headers,
    SortedMap<String, String> proxies,
    SortedMap<String, String> collector,
    SortedMap<String, String> engine) {
  /** A version or a type is not a secret, and may well occur in an answer. */
  private static final Set<String> PUBLIC =
      Set.of("accept", "anthropic-beta", "anthropic-version", "content-type", "user-agent");

  public RunSecrets {
    headers = new TreeMap<>(headers);
    proxies = new TreeMap<>(proxies);
    collector = new TreeMap<>(collector);
    engine = new TreeMap<>(engine);
  }

  /** Of a run that starts no engines. */
  public RunSecrets(
      SortedMap<String, String> headers,
      SortedMap<String, String> proxies,
      SortedMap<String, String> collector) {
    this(headers, proxies, collector, new TreeMap<>());
  }

  /** Of a run without a collector. */
  public RunSecrets(SortedMap<String, String> headers, SortedMap<String, String> proxies) {
    this(headers, proxies, new TreeMap<>());
  }

  /**
   * Values to mask in what an endpoint echoes: whole header values, and keys without their scheme.
   */
  public List<String> values() {
    return headers.entrySet().stream()
        .filter(header -> !PUBLIC.contains(header.getKey().toLowerCase(Locale.ROOT)))
        .map(Map.Entry::getValue)
        .flatMap(
            value -> {
              int space = value.indexOf(' ');
              return space < 0
                  ? Stream.of(value)
                  : Stream.of(value, value.substring(space + 1).strip());
            })
        .toList();
  }

  public byte[] encode() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      for (Map<String, String> map : List.of(headers, proxies, collector, engine)) {
        out.writeInt(map.size());
        for (Map.Entry<String, String> entry : map.entrySet()) {
          out.writeUTF(entry.getKey());
          out.writeUTF(entry.getValue());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  public static RunSecrets decode(byte[] message) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(message))) {
      return new RunSecrets(readMap(in), readMap(in), readMap(in), readMap(in));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static SortedMap<String, String> readMap(DataInputStream in) throws IOException {
    SortedMap<String, String> map = new TreeMap<>();
    int size = in.readInt();
    for (int i = 0; i < size; i++) {
      map.put(in.readUTF(), in.readUTF());
    }
    return map;
  }

  /** Names only. */
  @Override
  public String toString() {
    return "RunSecrets[headers=" + headers.keySet() + "]";
  }
}
