package io.batchinfer.client.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.client.OutboundRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

class MultipartBodyTest {
  private static String bytesOf(OutboundRequest.Part part) {
    return MultipartBody.of(new OutboundRequest.Multipart(List.of(part))).content().toString(UTF_8);
  }

  @Test
  void fileNameCannotEndItsHeader() {
    String body =
        bytesOf(new OutboundRequest.Part("file", "a\"\r\nX-Evil: 1\0.wav", "", new byte[0]));

    assertThat(body)
        .contains("filename=\"a%22%0D%0AX-Evil: 1 .wav\"\r\n\r\n")
        .doesNotContain("\r\nX-Evil");
  }

  @Test
  void fieldNameCannotEndItsHeader() {
    assertThat(bytesOf(new OutboundRequest.Part("a\"; b=\"", "", "", new byte[0])))
        .contains("name=\"a%22; b=%22\"\r\n");
  }

  @Test
  void contentTypeCannotSmuggleALine() {
    OutboundRequest.Part part =
        new OutboundRequest.Part("file", "a", "audio/wav\r\nX-Evil: 1", new byte[0]);

    assertThatThrownBy(() -> bytesOf(part))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Content-Type");
  }

  @Test
  void fileNameKeepsItsLetters() {
    assertThat(bytesOf(new OutboundRequest.Part("file", "été.wav", "", new byte[0])))
        .contains("filename=\"été.wav\"");
  }

  @Test
  void boundaryDiffersEachTime() {
    OutboundRequest.Multipart form =
        new OutboundRequest.Multipart(
            List.of(new OutboundRequest.Part("a", "", "", "1".getBytes(UTF_8))));

    assertThat(MultipartBody.of(form).contentType())
        .startsWith("multipart/form-data; boundary=batchinfer-")
        .isNotEqualTo(MultipartBody.of(form).contentType());
  }

  @Test
  void contentIsSharedAndNotCopied() {
    byte[] content = "before".getBytes(UTF_8);
    MultipartBody body =
        MultipartBody.of(
            new OutboundRequest.Multipart(List.of(new OutboundRequest.Part("a", "", "", content))));
    System.arraycopy("behind".getBytes(UTF_8), 0, content, 0, content.length);

    assertThat(body.content().toString(UTF_8)).contains("behind");
  }
}
