package io.batchinfer.engine.send;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class SecretMaskTest {
  @Test
  void masksOfTheSameSecretsAreEqual() {
    assertThat(new SecretMask(List.of("sk-one", "sk-two")))
        .isEqualTo(new SecretMask(List.of("sk-two", "sk-one", "sk-one")))
        .hasSameHashCodeAs(new SecretMask(List.of("sk-two", "sk-one")))
        .isNotEqualTo(new SecretMask(List.of("sk-one")))
        .doesNotHaveSameHashCodeAs(new SecretMask(List.of("sk-one")));
  }

  @Test
  void replacesEveryOccurrence() {
    SecretMask mask = new SecretMask(List.of("sk-secret"));
    assertThat(mask.apply("sk-secret x sk-secretsk-secret sk-secre"))
        .isEqualTo("*** x ****** sk-secre");
  }

  @Test
  void aSecretThatBeginsLikeAnotherLeavesNothingOfIt() {
    for (List<String> secrets :
        List.of(List.of("sk-abc", "sk-abc-and-more"), List.of("sk-abc-and-more", "sk-abc"))) {
      assertThat(new SecretMask(secrets).apply("key sk-abc-and-more or sk-abc"))
          .isEqualTo("key *** or ***");
    }
  }

  @Test
  void findsASecretWithEscapedSlashes() {
    assertThat(new SecretMask(List.of("ab/cd/ef")).apply("{\"k\":\"ab\\/cd\\/ef\"}"))
        .isEqualTo("{\"k\":\"***\"}");
  }

  @Test
  void leavesShortValuesAndOtherBytesAlone() {
    byte[] bytes = "short é".getBytes(StandardCharsets.ISO_8859_1);
    assertThat(new SecretMask(List.of("short", "longer-secret")).apply(bytes)).isSameAs(bytes);
  }

  @Test
  void neverShowsWhatItHides() {
    assertThat(new SecretMask(List.of("sk-secret")).toString()).isEqualTo("SecretMask[1]");
  }

  @Test
  void aSecretOfSixLettersIsHidden() {
    assertThat(new SecretMask(List.of("abcdef")).apply("abcdef abcde")).isEqualTo("*** abcde");
  }

  @Test
  void findsASecretThatBeginsWithAnEscapedSlash() {
    assertThat(new SecretMask(List.of("/secret")).apply("k\\/secret")).isEqualTo("k***");
  }

  /** Copying what is left for each of them would take hours. */
  @Test
  void asManySecretsAsALargeAnswerHasRoomForAreMaskedInOnePass() {
    int times = 2_000_000;
    SecretMask mask = new SecretMask(List.of("sk-secret", "sk-other"));

    assertThat(mask.apply("sk-secret".repeat(times) + "end"))
        .isEqualTo("***".repeat(times) + "end");
  }
}
