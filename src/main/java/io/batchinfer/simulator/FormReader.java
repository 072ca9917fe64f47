package io.batchinfer.simulator;

import io.batchinfer.form.MultipartForm;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads multipart/form-data. Boundaries differ from one attempt to the next, so that the request is
 * the same when its fields and files are.
 */
final class FormReader implements MultipartForm.Reader {
  private static final MultipartForm.Limits LIMITS = new MultipartForm.Limits(-1, -1, 1 << 20);

  private final SimulatedExchange exchange;
  private final List<Upload> uploads = new ArrayList<>();
  private long length;

  private record Upload(String name, String filename, Buffer content) {}

  private FormReader(SimulatedExchange exchange) {
    this.exchange = exchange;
  }

  static void read(HttpServerRequest request, SimulatedExchange exchange) {
    MultipartForm.read(request, LIMITS, new FormReader(exchange));
  }

  @Override
  public void failed(Throwable cause) {
    if (!exchange.isEnded()) {
      exchange.refuseUnread(
          Fault.HTTP_400.refusal().withMessage("The multipart form cannot be read."));
    }
  }

  @Override
  public void part(HttpServerFileUpload part) {
    Upload upload =
        new Upload(part.name(), Optional.ofNullable(part.filename()).orElse(""), Buffer.buffer());
    uploads.add(upload);
    part.handler(
        chunk -> {
          length += chunk.length();
          if (exchange.isEnded()) {
            return;
          }
          if (length > exchange.settings().maximumRequestBytes()) {
            exchange.refuseUnread(Fault.HTTP_413.refusal());
          } else {
            upload.content().appendBuffer(chunk);
          }
        });
  }

  @Override
  public void end(MultiMap fields) {
    if (exchange.isEnded()) {
      return;
    }
    Buffer canonical = Buffer.buffer();
    List<Map.Entry<String, String>> attributes = new ArrayList<>(fields.entries());
    attributes.sort(Map.Entry.<String, String>comparingByKey().thenComparing(Map.Entry::getValue));
    for (Map.Entry<String, String> attribute : attributes) {
      canonical.appendString(attribute.getKey() + "=" + attribute.getValue() + "\n");
    }
    uploads.sort(Comparator.comparing(Upload::name).thenComparing(Upload::filename));
    for (Upload upload : uploads) {
      canonical.appendString(upload.name() + ";" + upload.filename() + "\n");
      canonical.appendBuffer(upload.content());
    }
    exchange.received(canonical.getBytes(), body -> fields(body, attributes));
  }

  private RequestFields fields(byte[] body, List<Map.Entry<String, String>> attributes) {
    RequestFields fields = new RequestFields(body);
    for (Map.Entry<String, String> attribute : attributes) {
      fields.present.add(attribute.getKey());
      switch (attribute.getKey()) {
        case "model" -> fields.model = Optional.of(attribute.getValue());
        case "stream" -> fields.streamed = attribute.getValue().equalsIgnoreCase("true");
        default -> {}
      }
    }
    for (Upload upload : uploads) {
      fields.present.add(upload.name());
      fields.items.put(
          upload.name(),
          List.of(new Item(Mix.ofBytes(body, 0, body.length), 0, upload.content().length())));
    }
    return fields;
  }
}
