package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.store.Workspace;
import io.vertx.core.net.HostAndPort;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Gives addresses that open without a key, and knows them when they are called. Thread-safe. */
final class OpenAddresses {
  private static final int DEFAULT_HOURS = 24;
  private static final int MOST_HOURS = 168;

  private final SignedUrls urls;
  private final Optional<String> publicUrl;
  private final LongSupplier nowMillis;

  /**
   * @param publicUrl what addresses begin with; where it is empty, as the service was called
   */
  OpenAddresses(SignedUrls urls, Optional<String> publicUrl, LongSupplier nowMillis) {
    this.urls = urls;
    this.publicUrl = publicUrl;
    this.nowMillis = nowMillis;
  }

  /** Answers with the address of what the caller's workspace has under that id. */
  void give(Call call, String id) {
    int hours = (int) Queries.number(call, "expiry", 1, MOST_HOURS, DEFAULT_HOURS);
    long expires = nowSeconds() + hours * 3600L;
    String base = publicUrl.orElseGet(() -> calledAs(call));
    call.json(DialectJson.url(base + urls.path(call.workspace(), id, expires)));
  }

  /**
   * Lets pass a call at an address that was given here and whose time is not over.
   *
   * @throws ApiError otherwise
   */
  void check(Call call) {
    String workspace = call.variable("workspace");
    boolean valid =
        Workspace.isName(workspace)
            && urls.isValid(
                workspace,
                call.variable("id"),
                Queries.number(call, "expires", 0, Long.MAX_VALUE, 0),
                call.query("signature").orElse(""),
                nowSeconds());
    if (!valid) {
      throw new ApiError(
          403,
          "authentication_error",
          null,
          "invalid_signature",
          "The address is not valid, or its time is over; ask for a new one.");
    }
  }

  private long nowSeconds() {
    return nowMillis.getAsLong() / 1000;
  }

  private static String calledAs(Call call) {
    @Nullable HostAndPort host = call.request().authority();
    if (host == null) {
      throw ApiError.invalid(
          null, "malformed_request", "Without a Host header there is no address to give.");
    }
    return (call.request().isSSL() ? "https" : "http") + "://" + host;
  }
}
