package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.service.RawConnection.Answer;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Uploads whose bytes the network cuts where it hurts. */
class UploadCutsTest extends ServiceAttack {
  private static final int BYTES_BEHIND_CONTENT = ("\r\n" + Form.END).length();

  @Test
  void aFileComesBackByteForByteWhereverItsUploadWasCut() throws IOException {
    String content = Form.LINE.strip() + "\r\n" + Form.LINE.strip() + "\r";
    String form = Form.file("a.jsonl", content);
    int end = form.length() - BYTES_BEHIND_CONTENT;
    for (int cut = end - 4; cut < form.length(); cut++) {
      String id;
      try (RawConnection connection = service.connect()) {
        connection.send(
            service.head("POST", "/v1/files", service.acmeKey)
                + "Content-Type: "
                + Form.TYPE
                + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                + chunk(form.substring(0, cut))
                + chunk(form.substring(cut))
                + "0\r\n\r\n");
        Answer answer = connection.answer();
        assertThat(answer.status()).as(answer.text()).isEqualTo(200);
        id = AttackedService.JSON.readTree(answer.body()).get("id").textValue();
      }

      Answer kept = service.call("GET", "/v1/files/" + id + "/content", service.acmeKey);

      assertThat(kept.text())
          .as("cut %d bytes from its content's end", cut - end)
          .isEqualTo(content);
    }
  }

  private static String chunk(String bytes) {
    return Integer.toHexString(bytes.length()) + "\r\n" + bytes + "\r\n";
  }
}
