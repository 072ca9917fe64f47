package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.BatchFile;
import io.batchinfer.model.BatchFile.Role;
import org.junit.jupiter.api.Test;

class SignedUrlsTest {
  private static final long EXPIRES = 1_000;
  private static final BatchFile FILE =
      new BatchFile(
          "id", "team", "in.jsonl", "batch", Role.REQUESTS, 1, 1, 0, null, null, null, null);

  private final SignedUrls urls = new SignedUrls(new byte[] {1, 2, 3});

  private static String signature(SignedUrls urls) {
    return urls.path(FILE, EXPIRES).replaceFirst(".*signature=", "");
  }

  @Test
  void anAddressIsValidUntilItsSecondAndNoLonger() {
    String signature = signature(urls);

    assertThat(urls.isValid("team", "id", EXPIRES, signature, EXPIRES - 1)).isTrue();
    assertThat(urls.isValid("team", "id", EXPIRES, signature, EXPIRES)).isFalse();
    assertThat(urls.isValid("team", "id", EXPIRES + 1, signature, EXPIRES)).isFalse();
  }

  @Test
  void anotherKeySignsOtherwise() {
    String signature = signature(new SignedUrls(new byte[] {1, 2, 4}));

    assertThat(urls.isValid("team", "id", EXPIRES, signature, 0)).isFalse();
  }
}
