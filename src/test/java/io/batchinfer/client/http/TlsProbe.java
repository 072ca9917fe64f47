package io.batchinfer.client.http;

import io.batchinfer.client.TransportException;
import io.batchinfer.time.SystemTime;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;

/** A JVM of its own that sends one request: {@code TlsProbe URL CA_FILE} prints what came of it. */
final class TlsProbe {
  private TlsProbe() {}

  public static void main(String[] args) {
    HttpTransportSettings settings =
        HttpTransportSettings.defaults(URI.create(args[0])).withCaFile(Path.of(args[1]));
    try (SystemTime time = new SystemTime("probe-time");
        HttpTransport transport = HttpTransport.open(settings, time, () -> true)) {
      try {
        System.out.println(
            OutboundRequests.replyTo(transport.send(OutboundRequests.chat("{}"))).status());
      } catch (CompletionException failure) {
        System.out.println(
            failure.getCause() instanceof TransportException known
                ? known.kind()
                : failure.getCause());
      }
    }
  }
}
