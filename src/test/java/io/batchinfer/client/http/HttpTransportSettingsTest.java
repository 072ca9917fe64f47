package io.batchinfer.client.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpTransportSettingsTest {
  private static HttpTransportSettings to(String url) {
    return HttpTransportSettings.defaults(URI.create(url));
  }

  @Test
  void printsHeaderNamesAndNoSecret() {
    HttpTransportSettings settings =
        to("https://llm.example/v1")
            .withHeaders(Map.of("Authorization", "Bearer sk-secret", "X-Team", "blue"))
            .withProxy(URI.create("http://me:pass-word@proxy.example:3128"));

    assertThat(settings.toString())
        .contains("https://llm.example/v1", "[Authorization, X-Team]")
        .contains("http://proxy.example:3128")
        .doesNotContain("secret", "blue", "pass-word", "me:");
  }

  @Test
  void headerValueWithALineBreakIsRefusedWithoutRepeatingIt() {
    assertThatThrownBy(() -> to("http://h").withHeaders(Map.of("Authorization", "sk-secret\n")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("\"Authorization\"")
        .hasMessageNotContaining("secret");
  }

  @ParameterizedTest
  @ValueSource(strings = {"X Y", "", "X:", "X\r\nY"})
  void headerNameThatIsNoneIsRefused(String name) {
    assertThatThrownBy(() -> to("http://h").withHeaders(Map.of(name, "v")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not a valid name");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://h", "h:8000", "/v1", "http://h/#a"})
  void baseUrlThatCannotTakeAPathIsRefused(String url) {
    assertThatThrownBy(() -> to(url))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Base URL");
  }

  @Test
  void baseUrlWithCredentialsIsRefusedWithoutRepeatingThem() {
    assertThatThrownBy(() -> to("http://me:secret@llm.example"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("llm.example")
        .hasMessageNotContaining("secret");
  }

  @Test
  void proxyOfAnotherKindIsRefusedWithoutRepeatingItsPassword() {
    assertThatThrownBy(
            () -> to("http://h").withProxy(URI.create("socks5://me:secret@proxy.example")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("socks5")
        .hasMessageNotContaining("secret");
  }

  @Test
  void nonPositiveTimeOutIsRefused() {
    assertThatThrownBy(() -> to("http://h").withRequestTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("requestTimeout");
  }

  @Test
  void addressOfIpVersionSixKeepsItsBracketsInTheAuthority() {
    BaseUrl url = BaseUrl.parse(URI.create("https://[::1]:8443/p"));

    assertThat(url.host()).isEqualTo("::1");
    assertThat(url.authority()).isEqualTo("[::1]:8443");
    assertThat(url.requestTarget("/v1/embeddings")).isEqualTo("/p/embeddings");
  }

  @Test
  void portOfTheSchemeIsNotPartOfTheAuthority() {
    assertThat(BaseUrl.parse(URI.create("https://h:443")).authority()).isEqualTo("h");
    assertThat(BaseUrl.parse(URI.create("http://h:443")).authority()).isEqualTo("h:443");
  }
}
