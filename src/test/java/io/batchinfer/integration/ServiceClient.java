package io.batchinfer.integration;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.function.Predicate;

/** A caller of the service's Mistral API, in as few words as a test needs. */
final class ServiceClient {
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final String key;

  ServiceClient(String key) {
    this.key = key;
  }

  /** Creates a job of so many requests, which come with it. */
  JsonNode create(String url, String name, int requests) throws IOException, InterruptedException {
    ObjectNode body = LocalRun.JSON.createObjectNode();
    body.put("endpoint", "/v1/chat/completions");
    body.put("model", "m");
    body.putObject("metadata").put("name", name);
    ArrayNode array = body.putArray("requests");
    for (int i = 0; i < requests; i++) {
      ObjectNode request = array.addObject();
      request.put("custom_id", name + "-" + i);
      ObjectNode message = request.putObject("body").putArray("messages").addObject();
      message.put("role", "user").put("content", name + " asks " + i);
    }
    return call(url + "/v1/batch/jobs", "POST", BodyPublishers.ofString(body.toString()));
  }

  /** All jobs of the workspace. */
  JsonNode jobs(String url) throws IOException, InterruptedException {
    return call(url + "/v1/batch/jobs", "GET", BodyPublishers.noBody()).path("data");
  }

  /** All files of the workspace. */
  JsonNode files(String url) throws IOException, InterruptedException {
    return call(url + "/v1/files", "GET", BodyPublishers.noBody()).path("data");
  }

  /** How many of all jobs are so. */
  int count(String url, Predicate<JsonNode> so) {
    try {
      int found = 0;
      for (JsonNode job : jobs(url)) {
        found += so.test(job) ? 1 : 0;
      }
      return found;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  List<String> lines(String url, String file) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        send(url + "/v1/files/" + file + "/content", "GET", BodyPublishers.noBody());
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body().lines().toList();
  }

  private JsonNode call(String address, String method, HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = send(address, method, body);
    assertThat(answer.statusCode()).as("%s", answer.body()).isEqualTo(200);
    return LocalRun.JSON.readTree(answer.body());
  }

  private HttpResponse<String> send(String address, String method, HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address))
            .header("Authorization", "Bearer " + key)
            .header("Content-Type", "application/json")
            .method(method, body)
            .build();
    return client.send(request, BodyHandlers.ofString());
  }
}
