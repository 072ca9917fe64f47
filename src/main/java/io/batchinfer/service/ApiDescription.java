package io.batchinfer.service;

import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;

/** The description of the API in OpenAPI's form. */
final class ApiDescription {
  static final String RESOURCE = "/batchinfer/openapi.json";

  private ApiDescription() {}

  /** Serves the description as it stands in the program's resources. */
  static Route route() {
    byte[] json = read();
    return new Route(
        HttpMethod.GET, "/openapi.json", true, call -> call.send(200, "application/json", json));
  }

  static byte[] read() {
    try (InputStream in =
        Objects.requireNonNull(ApiDescription.class.getResourceAsStream(RESOURCE), RESOURCE)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
