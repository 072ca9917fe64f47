package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StopMessagesTest {

  private static ResolvedOptions at(String base) {
    return OptionSources.builder().flags(Map.of("base-url", List.of(base))).resolve();
  }

  @Test
  void jobWithoutASuccessNamesTheUrl() {
    assertThat(StopMessages.noSuccess(at("http://h/api/v3?x=1")))
        .isEqualTo(
            "No row succeeded at \"http://h/api/v3/chat/completions?x=1\"; see errors/ for what the"
                + " endpoint answered.");
  }

  @Test
  void doubledPathGetsAHint() {
    assertThat(StopMessages.noSuccess(at("http://h/v1/v1")))
        .endsWith(" The path holds \"/v1\" twice: check --base-url.");
  }
}
