package io.batchinfer.form;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.HttpPostMultipartRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.EndOfDataDecoderException;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder.ErrorDataDecoderException;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerFileUpload;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.NettyFileUploadDataFactory;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.internal.http.HttpServerRequestInternal;
import java.io.IOException;
import java.util.Objects;

/**
 * A multipart/form-data body on its way in. Does what Vert.x does after {@code setExpectMultipart},
 * with the same decoder and the same back pressure, but hands the decoder other cuts: see {@link
 * Recut}, without which Vert.x's own way would do. Lives on the event loop of its request.
 */
public final class MultipartForm {
  private final HttpPostMultipartRequestDecoder decoder;
  private final Reader reader;
  private final Recut recut = new Recut();
  private boolean decoding;
  private boolean over;

  private MultipartForm(HttpServerRequest request, Limits limits, Reader reader) {
    this.reader = reader;
    NettyFileUploadDataFactory factory =
        new NettyFileUploadDataFactory(
            ((HttpServerRequestInternal) request).context(), request, () -> reader::part);
    factory.setMaxLimit(limits.fieldBytes());
    decoder =
        new HttpPostMultipartRequestDecoder(
            factory,
            multipartHead(request),
            HttpConstants.DEFAULT_CHARSET,
            limits.fields(),
            limits.bufferedBytes());
  }

  /**
   * What a form may make the process hold; -1 for no limit.
   *
   * @param fieldBytes bytes of one field's value
   * @param fields fields and files
   * @param bufferedBytes bytes that cannot be decoded yet, as of a part's headers
   */
  public record Limits(int fieldBytes, int fields, int bufferedBytes) {}

  /** Takes what is read. One of {@link #end} and {@link #failed} comes last, once. */
  public interface Reader {
    /** A part that is a file begins. Its content comes while it is not paused, then its end. */
    void part(HttpServerFileUpload file);

    /**
     * The form was read to its closing delimiter. What a paused file still holds comes afterwards.
     *
     * @param fields the parts that are not files; their names' case does not matter
     */
    void end(MultiMap fields);

    /** The form is malformed, beyond its limits or cut off, or the client has gone. */
    void failed(Throwable cause);
  }

  /** Reads the body of a request that nobody reads yet. Fails by {@link Reader#failed} alone. */
  public static void read(HttpServerRequest request, Limits limits, Reader reader) {
    MultipartForm form;
    try {
      form = new MultipartForm(request, limits, reader);
    } catch (RuntimeException e) {
      // Netty fails in many ways at a Content-Type without a usable boundary or charset.
      reader.failed(e);
      return;
    }
    request.handler(form::take);
    request.exceptionHandler(form::fail);
    request.endHandler(end -> form.finish());
  }

  /** As much of the request's head as the decoder asks for. */
  private static HttpRequest multipartHead(HttpServerRequest request) {
    HttpRequest head =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            "/",
            DefaultHttpHeadersFactory.headersFactory().withValidation(false));
    head.headers()
        .set(
            HttpHeaders.CONTENT_TYPE,
            Objects.requireNonNullElse(request.getHeader(HttpHeaders.CONTENT_TYPE), ""));
    if (!HttpPostRequestDecoder.isMultipart(head)) {
      throw new ErrorDataDecoderException("The Content-Type has no boundary.");
    }
    return head;
  }

  private void take(Buffer chunk) {
    decode(recut.next(((BufferInternal) chunk).getByteBuf()));
  }

  private void decode(ByteBuf bytes) {
    if (bytes.isReadable()) {
      offer(new DefaultHttpContent(bytes));
    }
  }

  private void offer(HttpContent content) {
    if (over) {
      return;
    }
    decoding = true;
    try {
      decoder.offer(content);
    } catch (RuntimeException e) {
      // Beside the exceptions that it declares, whatever odd headers of a part lead to.
      fail(e);
    } finally {
      decoding = false;
      if (over) {
        decoder.destroy();
      }
    }
  }

  private void finish() {
    decode(recut.rest());
    offer(LastHttpContent.EMPTY_LAST_CONTENT);
    if (over) {
      return;
    }
    MultiMap fields = MultiMap.caseInsensitiveMultiMap();
    try {
      while (decoder.hasNext()) {
        InterfaceHttpData part = decoder.next();
        if (part instanceof Attribute field) {
          fields.add(field.getName(), field.getValue());
        }
      }
      fail(new ErrorDataDecoderException("The form ends without its closing delimiter."));
    } catch (EndOfDataDecoderException closed) {
      // This is how the decoder says that it has seen the closing delimiter.
      stop();
      reader.end(fields);
    } catch (IOException e) {
      fail(e);
    }
  }

  private void fail(Throwable cause) {
    if (!over) {
      stop();
      reader.failed(cause);
    }
  }

  private void stop() {
    over = true;
    // A failure may come from within the decoder, by what a reader does with a part.
    if (!decoding) {
      decoder.destroy();
    }
  }
}
