package io.batchinfer.remote;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.batchinfer.client.Reply;
import io.batchinfer.client.TransportException;
import io.batchinfer.client.http.ApiClient;
import io.batchinfer.client.http.ApiClient.Call;
import io.batchinfer.json.AsciiJson;
import io.batchinfer.json.Json;
import io.batchinfer.policy.RetryAfter;
import io.batchinfer.remote.RemoteException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Calls that both dialects make, and what becomes of refusals and failures. Thread-safe. */
final class RemoteCalls {
  private static final int SHOWN = 500;

  private final ApiClient client;

  RemoteCalls(ApiClient client) {
    this.client = client;
  }

  JsonNode get(String path, String query) throws InterruptedException {
    return call(new Call("GET", path, query), null);
  }

  JsonNode post(String path, @Nullable JsonNode body) throws InterruptedException {
    return call(new Call("POST", path, ""), body == null ? null : AsciiJson.bytes(body));
  }

  /** Deletes something, which may be gone. */
  void delete(String path) throws InterruptedException {
    try {
      JsonNode unused = call(new Call("DELETE", path, ""), null);
    } catch (RemoteException e) {
      if (e.kind() != Kind.ABSENT) {
        throw e;
      }
    }
  }

  JsonNode upload(String path, Map<String, String> fields, String fileName, Path file)
      throws InterruptedException {
    Call call = new Call("POST", path, "");
    try {
      return read(call, client.upload(call, fields, fileName, file));
    } catch (TransportException e) {
      throw failed(call, e);
    }
  }

  /**
   * Downloads a file; one that is shorter or longer than its provider says is not all there yet.
   *
   * @param file path of what the provider says of it, under which its content is
   */
  void download(String file, Path to) throws InterruptedException {
    Call call = Call.get(file + "/content");
    try {
      Reply reply = client.download(call, to);
      if (reply.status() != 200) {
        throw refused(call, reply, parsed(reply));
      }
      long bytes = get(file, "").path("bytes").asLong(-1);
      if (bytes >= 0 && bytes != to.toFile().length()) {
        throw new RemoteException(
            Kind.LATER,
            "",
            "%s holds %,d bytes, and %,d came".formatted(file, bytes, to.toFile().length()),
            Optional.empty(),
            null);
      }
    } catch (TransportException e) {
      throw failed(call, e);
    }
  }

  private JsonNode call(Call call, byte @Nullable [] body) throws InterruptedException {
    try {
      return read(call, client.send(call, body));
    } catch (TransportException e) {
      throw failed(call, e);
    }
  }

  private static JsonNode read(Call call, Reply reply) {
    JsonNode body = parsed(reply);
    if (!reply.isSuccess()) {
      throw refused(call, reply, body);
    }
    if (!body.isObject()) {
      throw new RemoteException(
          Kind.UNCERTAIN,
          "",
          "%s %s was answered %d with what is no JSON object"
              .formatted(call.method(), call.path(), reply.status()),
          Optional.empty(),
          null);
    }
    return body;
  }

  private static JsonNode parsed(Reply reply) {
    try {
      return Json.MAPPER.readTree(reply.body());
    } catch (IOException e) {
      return MissingNode.getInstance();
    }
  }

  private static RemoteException refused(Call call, Reply reply, JsonNode body) {
    int status = reply.status();
    JsonNode error = body.path("error").isObject() ? body.path("error") : body;
    String code = error.path("code").asText(error.path("type").asText(""));
    String words =
        error.path("message").isTextual()
            ? error.path("message").asText()
            : body.isMissingNode() ? "" : body.toString();
    Kind kind =
        switch (status) {
          case 404, 410 -> Kind.ABSENT;
          case 409, 423, 425, 429 -> Kind.LATER;
          default ->
              status >= 500 || status == 408 || status == 499 ? Kind.UNCERTAIN : Kind.REFUSED;
        };
    return new RemoteException(
        kind,
        code.equals("null") ? "" : code,
        "%s %s was answered %d%s"
            .formatted(
                call.method(),
                call.path(),
                status,
                words.isEmpty()
                    ? ""
                    : ": " + (words.length() <= SHOWN ? words : words.substring(0, SHOWN) + "…")),
        RetryAfter.of(reply.headers()::get, status == 429, Clock.systemUTC().instant()),
        null);
  }

  private static Kind kindOf(TransportException e) {
    return switch (e.kind()) {
      case UNKNOWN_HOST, CONNECT_FAILED, TLS_FAILED -> Kind.UNREACHABLE;
      default -> e.kind().mayHaveRun() ? Kind.UNCERTAIN : Kind.LATER;
    };
  }

  private static RemoteException failed(Call call, TransportException e) {
    return new RemoteException(
        kindOf(e),
        "",
        "%s %s: %s".formatted(call.method(), call.path(), e.getMessage()),
        Optional.empty(),
        e);
  }
}
