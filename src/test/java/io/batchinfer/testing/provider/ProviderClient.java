package io.batchinfer.testing.provider;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;

/** Calls a provider and expects nothing of it. */
final class ProviderClient {
  private final HttpClient http = HttpClient.newHttpClient();
  private final String url;

  ProviderClient(FakeBatchProvider provider) {
    this.url = provider.url();
  }

  /** An answer as it came. */
  record Heard(int status, String text, HttpResponse<byte[]> whole) {
    JsonNode json() throws IOException {
      return Json.MAPPER.readTree(text);
    }

    String id() throws IOException {
      return json().path("id").asText();
    }
  }

  Heard get(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url + path)).GET());
  }

  Heard delete(String path) throws IOException {
    return send(HttpRequest.newBuilder(URI.create(url + path)).DELETE());
  }

  Heard post(String path, String body) throws IOException {
    return send(
        HttpRequest.newBuilder(URI.create(url + path))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body)));
  }

  Heard upload(String name, String purpose, String content) throws IOException {
    String form =
        "--edge\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\n"
            + purpose
            + "\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\""
            + name
            + "\"\r\nContent-Type: application/octet-stream\r\n\r\n"
            + content
            + "\r\n--edge--\r\n";
    return send(
        HttpRequest.newBuilder(URI.create(url + "/v1/files"))
            .header("Content-Type", "multipart/form-data; boundary=edge")
            .POST(BodyPublishers.ofString(form)));
  }

  private Heard send(HttpRequest.Builder request) throws IOException {
    try {
      HttpResponse<byte[]> answer = http.send(request.build(), BodyHandlers.ofByteArray());
      return new Heard(
          answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8), answer);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** A line of OpenAI's form that asks a chat. */
  static String line(String id, String text) {
    return line(id, "/v1/chat/completions", chat(text));
  }

  static String line(String id, String url, String body) {
    return "{\"custom_id\":\"%s\",\"method\":\"POST\",\"url\":\"%s\",\"body\":%s}\n"
        .formatted(id, url, body);
  }

  static String chat(String text) {
    return "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"%s\"}]}"
        .formatted(text);
  }

  static String order(String file, String clientsId) {
    return "{\"input_file_id\":\"%s\",\"endpoint\":\"/v1/chat/completions\",\"completion_window\":\"24h\",\"metadata\":{\"batchinfer_id\":\"%s\"}}"
        .formatted(file, clientsId);
  }
}
