package io.batchinfer.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LineScanTest {
  private static LineScan scanned(String content, int chunk) {
    LineScan scan = new LineScan();
    byte[] bytes = content.getBytes(StandardCharsets.UTF_8);
    for (int at = 0; at < bytes.length; at += chunk) {
      scan.add(bytes, at, Math.min(chunk, bytes.length - at));
    }
    return scan;
  }

  @Test
  void anUploadOfAnotherFormIsToldHoweverItArrives() {
    String csv = "id,prompt\n" + "1,hello\n".repeat(10_000);
    for (int chunk : new int[] {1, 7, 16_384, 1_000_000}) {
      LineScan scan = scanned(csv, chunk);

      assertThat(scan.beginsWithJson()).isFalse();
      assertThat(scan.form().orElse("")).startsWith("looks like CSV");
      assertThat(scan.lines()).isEqualTo(10_001);
      assertThat(scan.bytes()).isEqualTo(csv.length());
    }
  }

  @Test
  void linesAreNoOtherForm() {
    LineScan scan = scanned("\n{\"custom_id\":\"a\",\"body\":{}}\n", 3);

    assertThat(scan.beginsWithJson()).isTrue();
    assertThat(scan.form()).isEmpty();
  }
}
