package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.Texts;
import io.batchinfer.store.Workspace;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The files API, which both providers have at the same path. */
final class FileRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int DEFAULT_LIMIT = 10_000;
  private static final int DEFAULT_HOURS = 24;
  private static final int MOST_HOURS = 168;

  private final BatchRegistry registry;
  private final Download download;
  private final SignedUrls urls;
  private final ServiceSettings settings;
  private final ServiceMetrics metrics;
  private final Duration uploadPatience;
  private final HeapShare uploads;

  FileRoutes(
      BatchRegistry registry,
      Download download,
      SignedUrls urls,
      ServiceSettings settings,
      ServiceMetrics metrics,
      Duration uploadPatience,
      HeapShare uploads) {
    this.registry = registry;
    this.download = download;
    this.urls = urls;
    this.settings = settings;
    this.metrics = metrics;
    this.uploadPatience = uploadPatience;
    this.uploads = uploads;
  }

  List<Route> routes() {
    return List.of(
        new Route(HttpMethod.POST, "/v1/files", false, this::upload),
        new Route(HttpMethod.GET, "/v1/files", false, this::list),
        new Route(HttpMethod.GET, "/v1/files/{id}", false, this::get),
        new Route(HttpMethod.DELETE, "/v1/files/{id}", false, this::delete),
        new Route(HttpMethod.GET, "/v1/files/{id}/content", false, this::content),
        new Route(HttpMethod.HEAD, "/v1/files/{id}/content", false, this::content),
        new Route(HttpMethod.GET, "/v1/files/{id}/url", false, this::url),
        new Route(HttpMethod.GET, "/download/{workspace}/{id}", true, this::signed),
        new Route(HttpMethod.HEAD, "/download/{workspace}/{id}", true, this::signed));
  }

  private void upload(Call call) {
    Upload.take(call, registry, settings.maxUploadBytes(), metrics, uploadPatience, uploads);
  }

  private BatchFile file(Call call) {
    String id = call.variable("id");
    return registry
        .file(call.workspace(), id)
        .orElseThrow(() -> ApiError.notFound("No such File object: " + Texts.shown(id)));
  }

  private void get(Call call) {
    call.json(DialectJson.file(file(call)));
  }

  private void delete(Call call) {
    BatchFile file = file(call);
    call.blocking(
        () -> {
          registry.delete(file);
          return file.id();
        },
        id -> call.json(DialectJson.deleted(id, "file")));
  }

  private void content(Call call) {
    download.serve(call, file(call));
  }

  private void url(Call call) {
    BatchFile file = file(call);
    int hours = (int) Queries.number(call, "expiry", 1, MOST_HOURS, DEFAULT_HOURS);
    long expires = registry.nowMillis() / 1000 + hours * 3600L;
    String base = settings.publicUrl().orElseGet(() -> calledAs(call));
    call.json(DialectJson.url(base + urls.path(file, expires)));
  }

  private static String calledAs(Call call) {
    @Nullable HostAndPort host = call.request().authority();
    if (host == null) {
      throw ApiError.invalid(
          null, "malformed_request", "Without a Host header there is no address to give.");
    }
    return (call.request().isSSL() ? "https" : "http") + "://" + host;
  }

  private void signed(Call call) {
    String workspace = call.variable("workspace");
    String id = call.variable("id");
    boolean valid =
        Workspace.isName(workspace)
            && urls.isValid(
                workspace,
                id,
                Queries.number(call, "expires", 0, Long.MAX_VALUE, 0),
                call.query("signature").orElse(""),
                registry.nowMillis() / 1000);
    if (!valid) {
      throw new ApiError(
          403,
          "authentication_error",
          null,
          "invalid_signature",
          "The address is not valid, or its time is over; ask for a new one.");
    }
    BatchFile file =
        registry.file(workspace, id).orElseThrow(() -> ApiError.notFound("The file was deleted."));
    download.serve(call, file);
  }

  private void list(Call call) {
    boolean openAi =
        Stream.of("limit", "after", "order").anyMatch(name -> call.query(name).isPresent());
    Optional<String> purpose = call.query("purpose").filter(text -> !text.isEmpty());
    Comparator<BatchFile> newestFirst =
        Comparator.comparingLong(BatchFile::createdMillis).reversed().thenComparing(BatchFile::id);
    boolean ascending = Queries.oneOf(call, "order", List.of("asc", "desc"), "desc").equals("asc");
    List<BatchFile> files =
        registry.files(call.workspace()).stream()
            .filter(file -> purpose.isEmpty() || purpose.get().equals(file.purpose()))
            .filter(file -> accepts(call.queries("sample_type"), DialectJson.sampleType(file)))
            .filter(file -> accepts(call.queries("source"), DialectJson.source(file)))
            .filter(file -> accepts(call.queries("mimetypes"), "application/jsonl"))
            .filter(file -> matches(call.query("search"), file))
            .sorted(ascending ? newestFirst.reversed() : newestFirst)
            .toList();
    if (openAi) {
      int limit = (int) Queries.number(call, "limit", 1, DEFAULT_LIMIT, DEFAULT_LIMIT);
      Page<BatchFile> page = Page.after(files, BatchFile::id, call.query("after"), limit);
      call.json(DialectJson.files(page.items(), files.size(), page.hasMore()));
    } else {
      Page<BatchFile> page = Page.numbered(call, files, DEFAULT_PAGE);
      boolean total = Queries.flag(call, "include_total", true);
      call.json(
          DialectJson.files(
              page.items(), total ? Integer.valueOf(files.size()) : null, page.hasMore()));
    }
  }

  private static boolean accepts(List<String> wanted, String value) {
    return wanted.isEmpty() || wanted.contains(value);
  }

  private static boolean matches(Optional<String> search, BatchFile file) {
    return search.isEmpty()
        || file.filename().toLowerCase(Locale.ROOT).contains(search.get().toLowerCase(Locale.ROOT));
  }
}
