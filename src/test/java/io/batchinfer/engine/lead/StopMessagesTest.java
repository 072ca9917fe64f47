package io.batchinfer.engine.lead;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.quota.QuotaAuthority.StopReason;
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

  private static String said(ErrorCode code, ResolvedOptions options) {
    return StopMessages.end(new StopReason(code, "status 4xx: no"), options).message();
  }

  @Test
  void aKeyThatIsMissingIsToldFromOneThatIsWrong() {
    ResolvedOptions named =
        OptionSources.builder()
            .flags(Map.of("base-url", List.of("http://h"), "api-key-env", List.of("MY_KEY")))
            .resolve();

    assertThat(said(ErrorCode.AUTHENTICATION_FAILED, at("http://h")))
        .contains("wants a key (status 4xx: no), and none was sent", "--api-key-env NAME");
    assertThat(said(ErrorCode.AUTHENTICATION_FAILED, named))
        .contains("does not accept the key", "variable \"MY_KEY\"");
  }

  @Test
  void aModelThatIsNotThereIsTheJobsOrThatOfTheLines() {
    ResolvedOptions named =
        OptionSources.builder()
            .flags(Map.of("base-url", List.of("http://h"), "model", List.of("m")))
            .resolve();

    assertThat(said(ErrorCode.MODEL_NOT_FOUND, at("http://h")))
        .contains("Check the models that the lines name (--model NAME --model-override");
    assertThat(said(ErrorCode.MODEL_NOT_FOUND, named)).contains("Check --model (\"m\") and");
  }

  @Test
  void doubledPathGetsAHint() {
    assertThat(StopMessages.noSuccess(at("http://h/v1/v1")))
        .endsWith(" The path holds \"/v1\" twice: check --base-url.");
  }

  @Test
  void aPrefixThatMayLackItsV1GetsAHint() {
    assertThat(said(ErrorCode.MODEL_NOT_FOUND, at("http://h/openai")))
        .contains("it has to end with /v1 if the endpoint's paths hold it");
    assertThat(said(ErrorCode.MODEL_NOT_FOUND, at("http://h/v1"))).doesNotContain("has to end");
    assertThat(said(ErrorCode.MODEL_NOT_FOUND, at("http://h/v1/v1")))
        .contains("whose path holds \"/v1\" twice");
  }

  @Test
  void whereLinesKeepTheirModelsTheJobsIsNotToBlame() {
    ResolvedOptions lines =
        OptionSources.builder()
            .flags(
                Map.of(
                    "base-url",
                    List.of("http://h"),
                    "model",
                    List.of("m"),
                    "keep-line-models",
                    List.of("true")))
            .resolve();

    assertThat(said(ErrorCode.MODEL_NOT_FOUND, lines)).contains("the models that the lines name");
  }
}
