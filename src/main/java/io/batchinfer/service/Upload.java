package io.batchinfer.service;

import io.batchinfer.api.ApiError;
import io.batchinfer.api.DialectJson;
import io.batchinfer.form.MultipartForm;
import io.batchinfer.metrics.Metric;
import io.batchinfer.metrics.ServiceMetrics;
import io.batchinfer.model.BatchFile;
import io.batchinfer.store.BatchRegistry;
import io.batchinfer.store.IncomingFile;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One upload: a form whose file part goes to the store as it comes in, wherever in the form it
 * stands. What is refused or breaks off leaves nothing behind. Lives on its event loop; the store
 * is written on worker threads, one buffer after the other.
 */
final class Upload implements MultipartForm.Reader {
  private static final int MOST_WAITING = 1 << 20;
  private static final int BUFFER = 256 << 10;
  private static final int LONGEST_NAME = 255;

  private static final MultipartForm.Limits LIMITS = new MultipartForm.Limits(8192, 64, 64 << 10);

  /** A client that sends less than that in the time of patience only holds a connection. */
  static final long LEAST_BYTES = 1024;

  private static final Pattern SECONDS = Pattern.compile("\\d{1,9}");

  private final Call call;
  private final BatchRegistry registry;
  private final long maxBytes;
  private final ServiceMetrics metrics;
  private final Duration patience;
  private final HeapShare share;
  private final Context context;
  private final IncomingFile file;
  private @Nullable HttpServerFileUpload part;
  private String filename = "upload";
  private Buffer gathered = Buffer.buffer();
  private MultiMap fields = MultiMap.caseInsensitiveMultiMap();
  private long waiting;
  private long received;
  private long receivedBefore;
  private boolean partOver;
  private boolean formOver;
  private boolean failed;
  private boolean done;

  private Upload(
      Call call,
      BatchRegistry registry,
      long maxBytes,
      ServiceMetrics metrics,
      Duration patience,
      HeapShare share) {
    this.share = share;
    this.call = call;
    this.registry = registry;
    this.maxBytes = maxBytes;
    this.metrics = metrics;
    this.patience = patience;
    this.context = call.vertx().getOrCreateContext();
    this.file = new IncomingFile(registry.store(), call.workspace());
  }

  /** Takes an upload in and answers with its file. */
  static void take(
      Call call,
      BatchRegistry registry,
      long maxBytes,
      ServiceMetrics metrics,
      Duration patience,
      HeapShare share) {
    HttpServerRequest request = call.request();
    @Nullable String type = request.getHeader("content-type");
    if (type == null
        || !type.toLowerCase(java.util.Locale.ROOT).startsWith("multipart/form-data")) {
      throw new ApiError(
          415,
          "invalid_request_error",
          null,
          "unsupported_media_type",
          "An upload is a form of type multipart/form-data, with a part named \"file\".");
    }
    RequestBody.refuseEncoded(request);
    if (RequestBody.announced(request) > maxBytes + BUFFER) {
      throw tooLarge(maxBytes);
    }
    new Upload(call, registry, maxBytes, metrics, patience, share).begin(request);
  }

  private static ApiError tooLarge(long maxBytes) {
    return ApiError.tooLarge(
        "file", "The file is larger than %,d bytes; cut it into several.".formatted(maxBytes));
  }

  private void begin(HttpServerRequest request) {
    long timer = call.vertx().setPeriodic(patience.toMillis(), unused -> refuseSlowness());
    call.whenOver(
        () -> {
          call.vertx().cancelTimer(timer);
          abandon();
        });
    MultipartForm.read(request, LIMITS, this);
    if (!failed) {
      RequestBody.sayContinue(request);
    }
  }

  @Override
  public void failed(Throwable cause) {
    fail(
        ApiError.invalid(
            "file",
            "invalid_form",
            "The form cannot be read: its parts are malformed or cut off."));
  }

  private void refuseSlowness() {
    boolean slow = !formOver && waiting == 0 && received - receivedBefore < LEAST_BYTES;
    receivedBefore = received;
    if (slow) {
      fail(
          new ApiError(
              408,
              "invalid_request_error",
              "file",
              "request_timeout",
              "The upload came in too slowly: less than %d bytes in %d s."
                  .formatted(LEAST_BYTES, patience.toSeconds())));
    }
  }

  @Override
  public void part(HttpServerFileUpload upload) {
    if (failed) {
      return;
    }
    if (!"file".equals(upload.name()) || part != null) {
      fail(
          ApiError.invalid(
              "file",
              "invalid_form",
              part != null
                  ? "The form has several files; upload one at a time."
                  : "The form has a file that is not named \"file\"."));
      return;
    }
    part = upload;
    try {
      filename = checkedName(upload.filename());
    } catch (ApiError e) {
      fail(e);
      return;
    }
    upload.handler(this::take);
    upload.endHandler(
        end -> {
          flush();
          partOver = true;
          completeIfWhole();
        });
  }

  private static String checkedName(@Nullable String given) {
    String name = given == null || given.isBlank() ? "upload" : given.replace("%22", "\"");
    boolean harmful =
        name.equals(".") || name.equals("..") || name.chars().anyMatch(Upload::isHarmful);
    if (harmful) {
      throw ApiError.invalid(
          "file",
          "invalid_filename",
          "The file's name holds a path or control characters; give the name alone.");
    }
    if (name.length() > LONGEST_NAME) {
      throw ApiError.invalid(
          "file",
          "invalid_filename",
          "The file's name has %d characters; at most %d are taken."
              .formatted(name.length(), LONGEST_NAME));
    }
    return name;
  }

  /** What leads to another folder, or lets a name look like another one. */
  private static boolean isHarmful(int c) {
    boolean direction = (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
    boolean lineEnd = c == 0x2028 || c == 0x2029;
    return c == '/' || c == '\\' || Character.isISOControl(c) || direction || lineEnd;
  }

  private void take(Buffer buffer) {
    if (failed) {
      return;
    }
    received += buffer.length();
    if (received > maxBytes) {
      fail(tooLarge(maxBytes));
      return;
    }
    if (!share.take(buffer.length())) {
      fail(HeapShare.overloaded());
      return;
    }
    gathered.appendBuffer(buffer);
    if (gathered.length() >= BUFFER) {
      flush();
    }
  }

  private void flush() {
    if (failed || gathered.length() == 0) {
      return;
    }
    byte[] bytes = gathered.getBytes();
    gathered = Buffer.buffer();
    waiting += bytes.length;
    HttpServerFileUpload upload = part;
    if (upload != null && (waiting > MOST_WAITING || share.isTight())) {
      upload.pause();
    }
    context
        .executeBlocking(() -> write(bytes), true)
        .onComplete(
            written -> {
              waiting -= bytes.length;
              share.give(bytes.length);
              if (written.failed()) {
                fail(written.cause());
              } else if (upload != null && mayGoOn()) {
                upload.resume();
              }
              completeIfWhole();
            });
  }

  private boolean mayGoOn() {
    return waiting == 0 || (waiting <= MOST_WAITING / 2 && !share.isTight());
  }

  private Void write(byte[] bytes) throws IOException {
    file.write(bytes, 0, bytes.length);
    return null;
  }

  @Override
  public void end(MultiMap formFields) {
    flush();
    fields = formFields;
    formOver = true;
    completeIfWhole();
  }

  private void completeIfWhole() {
    if (!formOver || (part != null && !partOver) || waiting > 0 || failed || done) {
      return;
    }
    done = true;
    if (part == null) {
      done = false;
      fail(
          ApiError.invalid(
              "file", "missing_required_parameter", "Missing required parameter: 'file'."));
      return;
    }
    context
        .executeBlocking(this::store, true)
        .onComplete(
            stored -> {
              if (stored.succeeded()) {
                metrics.add(Metric.UPLOADED_BYTES, (double) received, call.workspace());
                call.json(DialectJson.file(stored.result()));
              } else {
                done = false;
                fail(stored.cause());
              }
            });
  }

  private BatchFile store() throws IOException {
    String purpose = field("purpose").orElse("batch");
    IncomingFile.checkPurpose(purpose);
    BatchFile stored =
        file.complete(filename, purpose, registry.nowMillis(), keptFor(), visibility());
    registry.add(stored);
    return stored;
  }

  private Optional<String> field(String name) {
    List<String> values = fields.getAll(name);
    return values.isEmpty() || values.get(0).isEmpty()
        ? Optional.empty()
        : Optional.of(values.get(0));
  }

  private String visibility() {
    String visibility = field("visibility").orElse("workspace");
    if (!visibility.equals("workspace") && !visibility.equals("user")) {
      throw ApiError.invalid(
          "visibility",
          "invalid_value",
          "Invalid value for 'visibility': it is 'workspace' or 'user'.");
    }
    return visibility;
  }

  /** Seconds that the file is kept, by either API's field; empty for ever. */
  private Optional<Long> keptFor() {
    Optional<String> anchor = field("expires_after[anchor]");
    Optional<String> seconds = field("expires_after[seconds]");
    if (anchor.isPresent() || seconds.isPresent()) {
      if (!anchor.equals(Optional.of("created_at"))) {
        throw ApiError.invalid(
            "expires_after.anchor",
            "invalid_value",
            "Invalid value for 'expires_after[anchor]': it is 'created_at'.");
      }
      return Optional.of(number("expires_after[seconds]", seconds, 3600, 2_592_000));
    }
    Optional<String> hours = field("expiry");
    return hours.isEmpty()
        ? Optional.empty()
        : Optional.of(number("expiry", hours, 1, 87_600) * 3600);
  }

  private static long number(String name, Optional<String> text, long least, long most) {
    long value =
        text.filter(digits -> SECONDS.matcher(digits).matches()).map(Long::valueOf).orElse(-1L);
    if (value < least || value > most) {
      throw ApiError.invalid(
          name,
          "invalid_value",
          "Invalid value for '%s': it must be from %d to %d.".formatted(name, least, most));
    }
    return value;
  }

  private void fail(Throwable failure) {
    if (failed || done) {
      return;
    }
    failed = true;
    HttpServerFileUpload upload = part;
    if (upload != null) {
      upload.handler(ignored -> {});
      upload.resume();
    }
    abandon();
    call.fail(failure);
  }

  /** Removes what was written of an upload that is not kept. */
  private void abandon() {
    failed = !done;
    if (done) {
      return;
    }
    share.give(gathered.length());
    gathered = Buffer.buffer();
    context.executeBlocking(
        () -> {
          file.abandon();
          return null;
        },
        true);
  }
}
