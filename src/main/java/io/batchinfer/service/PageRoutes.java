package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The page and what belongs to it, from the program's own resources. */
final class PageRoutes {
  private static final String FOLDER = "/batchinfer/page/";
  private static final String CHARTS =
      "/META-INF/resources/webjars/chart.js/4.4.9/dist/chart.umd.js";
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
          + " connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml");

  private final Map<String, byte[]> loaded = new HashMap<>();

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.GET, "/", true, call -> send(call, "index.html")),
        new Route(
            HttpMethod.GET, "/page/{asset}", true, call -> send(call, call.variable("asset"))));
  }

  private void send(Call call, String asset) {
    String ending = asset.substring(asset.lastIndexOf('.') + 1);
    @Nullable String type = TYPES.get(ending);
    byte @Nullable [] bytes =
        type == null || !asset.matches("[a-z0-9][a-z0-9.-]{0,63}") ? null : load(asset);
    if (type == null || bytes == null) {
      throw ApiError.notFound("There is nothing at this path.");
    }
    call.response().putHeader("content-security-policy", POLICY);
    call.response().putHeader("referrer-policy", "no-referrer");
    call.response().putHeader("x-frame-options", "DENY");
    call.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-cache");
    call.send(200, type, bytes);
  }

  private byte @Nullable [] load(String asset) {
    synchronized (loaded) {
      byte @Nullable [] bytes = loaded.get(asset);
      if (bytes == null) {
        bytes = read(asset.equals("chart.umd.js") ? CHARTS : FOLDER + asset);
        if (bytes != null) {
          loaded.put(asset, bytes);
        }
      }
      return bytes;
    }
  }

  private static byte @Nullable [] read(String resource) {
    try (InputStream in = PageRoutes.class.getResourceAsStream(resource)) {
      return in == null ? null : in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
