package io.batchinfer.simulator;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Appends one line of JSON per request to a file. Thread-safe. */
final class RequestLog implements AutoCloseable {
  private final OutputStream out;

  /**
   * A request whose end is known.
   *
   * @param client address that the connection came from
   * @param port of the client's end of it
   * @param status empty when there was no status line
   */
  record Entry(
      long number,
      String path,
      Optional<String> customId,
      int attempt,
      long connection,
      String client,
      int port,
      boolean authorized,
      long arrivedNanos,
      long arrivedMillis,
      long answeredNanos,
      long answeredMillis,
      Optional<Integer> status,
      Optional<Fault> fault,
      boolean limited,
      int bodyBytes,
      int tokens) {}

  RequestLog(Path file) throws IOException {
    Path parent = file.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    out =
        new BufferedOutputStream(
            Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND),
            1 << 16);
  }

  synchronized void append(Entry entry) {
    try {
      out.write(line(entry));
      out.write('\n');
    } catch (IOException e) {
      throw new UncheckedIOException("writing the request log failed", e);
    }
  }

  synchronized void flush() {
    try {
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("writing the request log failed", e);
    }
  }

  @Override
  public synchronized void close() {
    try {
      out.close();
    } catch (IOException e) {
      throw new UncheckedIOException("closing the request log failed", e);
    }
  }

  private static byte[] line(Entry entry) {
    return JsonBytes.of(
        json -> {
          json.writeStartObject();
          json.writeNumberField("number", entry.number());
          json.writeStringField("path", entry.path());
          json.writeStringField("custom", entry.customId().orElse(null));
          json.writeNumberField("attempt", entry.attempt());
          json.writeNumberField("connection", entry.connection());
          json.writeStringField("client", entry.client());
          json.writeNumberField("port", entry.port());
          json.writeBooleanField("authorization", entry.authorized());
          json.writeNumberField("arrived_nanos", entry.arrivedNanos());
          json.writeNumberField("arrived_millis", entry.arrivedMillis());
          json.writeNumberField("answered_nanos", entry.answeredNanos());
          json.writeNumberField("answered_millis", entry.answeredMillis());
          if (entry.status().isPresent()) {
            json.writeNumberField("status", entry.status().get());
          } else {
            json.writeNullField("status");
          }
          json.writeStringField("fault", entry.fault().map(Fault::label).orElse(null));
          json.writeBooleanField("limited", entry.limited());
          json.writeNumberField("body_bytes", entry.bodyBytes());
          json.writeNumberField("tokens", entry.tokens());
          json.writeEndObject();
        });
  }
}
