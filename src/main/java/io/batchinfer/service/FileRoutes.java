package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.Texts;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The files API, which both providers have at the same path. */
final class FileRoutes {
  private static final int DEFAULT_PAGE = 100;
  private static final int DEFAULT_LIMIT = 10_000;

  private final BatchRegistry registry;
  private final Download download;
  private final OpenAddresses addresses;
  private final ServiceSettings settings;
  private final ServiceMetrics metrics;
  private final Duration uploadPatience;
  private final HeapShare uploads;

  FileRoutes(
      BatchRegistry registry,
      Download download,
      OpenAddresses addresses,
      ServiceSettings settings,
      ServiceMetrics metrics,
      Duration uploadPatience,
      HeapShare uploads) {
    this.registry = registry;
    this.download = download;
    this.addresses = addresses;
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
    addresses.give(call, file(call).id());
  }

  private void signed(Call call) {
    addresses.check(call);
    BatchFile file =
        registry
            .file(call.variable("workspace"), call.variable("id"))
            .orElseThrow(() -> ApiError.notFound("The file was deleted."));
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
