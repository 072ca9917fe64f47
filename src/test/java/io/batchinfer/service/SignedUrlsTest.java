package io.batchinfer.service;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SignedUrlsTest {
  private static final long EXPIRES = 1_000;
  private final SignedUrls urls = SignedUrls.ofFiles(new byte[] {1, 2, 3});

  private static String signature(SignedUrls urls) {
    return urls.path("team", "id", EXPIRES).replaceFirst(".*signature=", "");
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
    String signature = signature(SignedUrls.ofFiles(new byte[] {1, 2, 4}));

    assertThat(urls.isValid("team", "id", EXPIRES, signature, 0)).isFalse();
  }

  @Test
  void anAddressOfAFileIsNoneOfAReport() {
    SignedUrls reports = SignedUrls.ofReports(new byte[] {1, 2, 3});
    String ofReport = signature(reports);

    assertThat(reports.isValid("team", "id", EXPIRES, ofReport, 0)).isTrue();
    assertThat(urls.isValid("team", "id", EXPIRES, ofReport, 0)).isFalse();
    assertThat(reports.isValid("team", "id", EXPIRES, signature(urls), 0)).isFalse();
  }
}
