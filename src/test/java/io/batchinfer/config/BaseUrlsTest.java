package io.batchinfer.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BaseUrlsTest {

  @ParameterizedTest
  @CsvSource({
    "http://llm:8000, http://llm:8000",
    "http://llm:8000/, http://llm:8000",
    "http://llm:8000/v1, http://llm:8000",
    "http://llm:8000/v1/, http://llm:8000",
    "HTTPS://API.Example.com//, https://api.example.com",
    "https://host/tenant/llms/x/v1/, https://host/tenant/llms/x/v1",
    "https://host/v1beta/openai/, https://host/v1beta/openai",
    "https://host/openai/deployments/d?api-version=2024-10-21, https://host/openai/deployments/d?api-version=2024-10-21",
    "https://host?x=1, https://host?x=1",
    "https://host/v1/?x=1, https://host?x=1",
    "https://host/api/v12, https://host/api/v12",
    "http://[::1]:9000/v1, http://[::1]:9000",
  })
  void keepsThePathAndTheQueryAndDropsWhatIsMeantAnyway(String given, String normalised)
      throws InvalidValue {
    assertThat(BaseUrls.normalised(given)).isEqualTo(normalised);
  }

  @ParameterizedTest
  @CsvSource({
    "llm:8000, starts with neither http:// nor https://",
    "ftp://llm, starts with neither http:// nor https://",
    "http://l lm, holds a space",
    "http://user:hunter2@llm, carries a user or password",
    "http://llm?key=hunter2, seems to carry a key in its query",
    "http://llm/v1?a=b&subscription-key=hunter2, seems to carry a key in its query",
    "http://llm?sig=hunter2, seems to carry a key in its query",
    "http://llm/#hunter2, has a fragment",
    "http://llm/v1/chat/completions, is the URL of an endpoint",
    "http://llm/openai/deployments/d/chat/completions?api-version=1, is the URL of an endpoint",
    "http://, cannot be parsed",
    "http:///v1, host or port is not valid",
    "http://llm:99999, host or port is not valid",
    "hunter2:x@llm, starts with neither",
  })
  void refusesOthersWithWordsAndWithoutSecrets(String given, String words) {
    assertThatThrownBy(() -> BaseUrls.normalised(given))
        .isInstanceOf(InvalidValue.class)
        .hasMessageContaining(words)
        .message()
        .doesNotContain("hunter2");
  }
}
