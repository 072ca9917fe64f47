package io.batchinfer.testing.provider;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpRequest;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.multipart.Attribute;
import io.netty.handler.codec.http.multipart.DefaultHttpDataFactory;
import io.netty.handler.codec.http.multipart.FileUpload;
import io.netty.handler.codec.http.multipart.HttpPostRequestDecoder;
import io.netty.handler.codec.http.multipart.InterfaceHttpData;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A form with one file, as Netty reads it.
 *
 * @param fields all but the file
 */
record Upload(String name, byte[] content, Map<String, String> fields) {

  static Upload read(ProviderCall call) {
    FullHttpRequest request =
        new DefaultFullHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.POST,
            "/" + call.path(),
            Unpooled.wrappedBuffer(call.body()));
    request.headers().set(HttpHeaderNames.CONTENT_TYPE, call.contentType());
    if (!HttpPostRequestDecoder.isMultipart(request)) {
      throw new ProviderRefusal(400, "invalid_request", "", "This is no multipart/form-data.");
    }
    HttpPostRequestDecoder decoder =
        new HttpPostRequestDecoder(new DefaultHttpDataFactory(false), request, UTF_8);
    try {
      return of(decoder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (HttpPostRequestDecoder.ErrorDataDecoderException e) {
      throw new ProviderRefusal(400, "invalid_request", "", "The form is cut off: " + e);
    } finally {
      decoder.destroy();
    }
  }

  private static Upload of(HttpPostRequestDecoder decoder) throws IOException {
    String name = "";
    byte[] content = new byte[0];
    Map<String, String> fields = new LinkedHashMap<>();
    for (InterfaceHttpData part : decoder.getBodyHttpDatas()) {
      if (part instanceof FileUpload file && part.getName().equals("file") && name.isEmpty()) {
        name = file.getFilename();
        content = file.get();
      } else if (part instanceof Attribute field) {
        fields.put(field.getName(), field.getValue());
      } else {
        throw new ProviderRefusal(400, "unknown_parameter", part.getName(), "Unknown part.");
      }
    }
    if (name.isEmpty()) {
      throw new ProviderRefusal(400, "missing_required_parameter", "file", "There is no file.");
    }
    return new Upload(name, content, fields);
  }
}
