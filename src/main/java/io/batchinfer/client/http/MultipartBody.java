package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.batchinfer.client.OutboundRequest;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A {@code multipart/form-data} body that shares the bytes of its parts. */
final class MultipartBody {
  private final String boundary;
  private final ByteBuf content;

  private MultipartBody(String boundary, ByteBuf content) {
    this.boundary = boundary;
    this.content = content;
  }

  static MultipartBody of(OutboundRequest.Multipart form) {
    String boundary = boundaryAbsentFrom(form);
    List<ByteBuf> pieces = new ArrayList<>();
    for (OutboundRequest.Part part : form.parts()) {
      pieces.add(Unpooled.wrappedBuffer(headOf(part, boundary).getBytes(UTF_8)));
      pieces.add(Unpooled.wrappedBuffer(part.content()));
      pieces.add(Unpooled.wrappedBuffer("\r\n".getBytes(UTF_8)));
    }
    pieces.add(Unpooled.wrappedBuffer(("--" + boundary + "--\r\n").getBytes(UTF_8)));
    return new MultipartBody(
        boundary, Unpooled.wrappedBuffer(pieces.size(), pieces.toArray(ByteBuf[]::new)));
  }

  String contentType() {
    return "multipart/form-data; boundary=" + boundary;
  }

  ByteBuf content() {
    return content;
  }

  private static String headOf(OutboundRequest.Part part, String boundary) {
    StringBuilder head = new StringBuilder();
    head.append("--").append(boundary).append("\r\n");
    head.append("Content-Disposition: form-data; name=\"").append(escaped(part.name()));
    head.append('"');
    if (part.isFile()) {
      head.append("; filename=\"").append(escaped(part.fileName())).append('"');
    }
    head.append("\r\n");
    if (!part.contentType().isEmpty()) {
      RequestHeaders.requireSafe("Content-Type", part.contentType());
      head.append("Content-Type: ").append(part.contentType()).append("\r\n");
    }
    return head.append("\r\n").toString();
  }

  /** Quotes and line breaks the way browsers do; other control characters become spaces. */
  private static String escaped(String text) {
    return text.replace("\"", "%22")
        .replace("\r", "%0D")
        .replace("\n", "%0A")
        .replaceAll("\\p{Cntrl}", " ");
  }

  private static String boundaryAbsentFrom(OutboundRequest.Multipart form) {
    String boundary;
    do {
      boundary = "batchinfer-" + UUID.randomUUID();
    } while (occursIn(form, boundary.getBytes(UTF_8)));
    return boundary;
  }

  private static boolean occursIn(OutboundRequest.Multipart form, byte[] boundary) {
    return form.parts().stream().anyMatch(part -> indexOf(part.content(), boundary) >= 0);
  }

  private static int indexOf(byte[] content, byte[] wanted) {
    for (int start = 0; start <= content.length - wanted.length; start++) {
      int matched = 0;
      while (matched < wanted.length && content[start + matched] == wanted[matched]) {
        matched++;
      }
      if (matched == wanted.length) {
        return start;
      }
    }
    return -1;
  }
}
