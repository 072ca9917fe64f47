package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a head must be so that nobody between a client and this service can read it otherwise: one
 * host, one key, one way to tell where the body ends.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9112#name-message-body-length">RFC 9112, 6.3</a>
 */
final class HeadRules {
  private static final List<CharSequence> ONCE =
      List.of(HttpHeaders.HOST, HttpHeaders.AUTHORIZATION, "x-api-key");

  private HeadRules() {}

  /** The refusal of an ambiguous head, or null. Its connection must be closed. */
  static @Nullable ApiError refuse(HttpServerRequest request) {
    for (CharSequence name : ONCE) {
      if (request.headers().getAll(name).size() > 1) {
        return ApiError.invalid(
            null, "malformed_request", "The header \"%s\" is given several times.".formatted(name));
      }
    }
    if (request.headers().contains("")) {
      return ApiError.invalid(null, "malformed_request", "A header has no name.");
    }
    @Nullable String host = request.getHeader(HttpHeaders.HOST);
    boolean needed = request.version() != HttpVersion.HTTP_1_0;
    if (host == null ? needed : host.isBlank() || request.authority() == null) {
      return ApiError.invalid(
          null, "malformed_request", "The Host header is missing, or names no host and port.");
    }
    List<String> codings = request.headers().getAll(HttpHeaders.TRANSFER_ENCODING);
    boolean chunked = codings.size() == 1 && codings.get(0).strip().equalsIgnoreCase("chunked");
    if (!codings.isEmpty() && (!chunked || !needed)) {
      return ApiError.invalid(
          null, "malformed_request", "The only Transfer-Encoding that is taken is \"chunked\".");
    }
    return null;
  }
}
