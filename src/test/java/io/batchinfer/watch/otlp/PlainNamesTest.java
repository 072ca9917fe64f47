package io.batchinfer.watch.otlp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlainNamesTest {
  private final PlainNames names = new PlainNames(List.of("sk-0123456789", "short"));

  @ParameterizedTest
  @ValueSource(
      strings = {"gpt-4o", "mistralai/Mistral-7B@v0.3", "ft:gpt-4o:org::abc", "a-short-name"})
  void namesOfModelsAreShown(String name) {
    assertThat(names.shown(name)).contains(name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Tell me a story",
        "two\nlines",
        "sk-0123456789",
        "model-sk-0123456789",
        "{\"a\":1}",
        "modèle"
      })
  void whatIsNoNameIsNot(String text) {
    assertThat(names.shown(text)).isEmpty();
  }

  @Test
  void aLongTextIsNoName() {
    assertThat(names.shown("a".repeat(100))).isPresent();
    assertThat(names.shown("a".repeat(101))).isEmpty();
  }
}
