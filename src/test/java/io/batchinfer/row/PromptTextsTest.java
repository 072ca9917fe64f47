package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptTextsTest {

  @Test
  void readsTheTextsOfMessagesAndCountsTheirMedia() {
    PromptTexts read =
        read(
            """
            {"model":"m","temperature":0.5,"metadata":{"content":"not read"},"messages":[
              {"role":"system","content":"be short"},
              {"role":"user","name":"bob","content":[
                {"type":"text","text":"what is \\u00e9?"},
                {"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA","detail":"low"}},
                {"type":"image_url","image_url":"https://x/y.png"},
                {"type":"input_audio","input_audio":{"data":"AAAA","format":"wav"}}]},
              {"role":"assistant","content":null,"tool_calls":[
                {"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},
              {"role":"tool","tool_call_id":"c1","content":"42"}]}
            """);

    assertThat(read.model()).contains("m");
    assertThat(read.texts()).containsExactly("be short", "bob", "what is é?", "f", "{}", "42");
    assertThat(read.messages()).isEqualTo(4);
    assertThat(read.images())
        .containsExactly(new ImagePart(0, 0, true), new ImagePart(0, 0, false));
    assertThat(read.media()).isOne();
    assertThat(read.maxTokens()).isEmpty();
    assertThat(read.prompts()).isOne();
    assertThat(read.choices()).isOne();
    assertThat(read.toString()).doesNotContain("short");
  }

  @Test
  void messagesOfAnthropicHaveTheirSystemPromptAndTheirSources() {
    PromptTexts read =
        PromptTexts.read(
            "/v1/messages",
            """
            {"model":"m","max_tokens":7,"system":[{"type":"text","text":"be short"}],"messages":[
              {"role":"user","content":[
                {"type":"image","source":{"type":"base64","media_type":"image/png","data":"AAAA"}},
                {"type":"text","text":"what is it?"}]}]}
            """
                .getBytes(StandardCharsets.UTF_8));

    assertThat(read.texts()).containsExactly("be short", "what is it?");
    assertThat(read.images()).hasSize(1);
    assertThat(read.media()).isZero();
    assertThat(read.messages()).isOne();
    assertThat(read.maxTokens()).contains(7L);
  }

  @Test
  void toolsAndSchemasCountAsTheyAreWritten() {
    PromptTexts read =
        read(
            "{\"é\":1,\"tools\":[ {\"a\":\"é\"} ],\"response_format\":{\"t\":1},\"functions\":null}");

    assertThat(read.texts()).containsExactly("{\"t\":1}");
    assertThat(read.tools()).containsExactly("[ {\"a\":\"é\"} ]");
  }

  private static String base64(int... bytes) {
    byte[] head = new byte[60];
    for (int i = 0; i < bytes.length; i++) {
      head[i] = (byte) bytes[i];
    }
    return Base64.getEncoder().encodeToString(head);
  }

  static Stream<Arguments> images() {
    return Stream.of(
        arguments(
            "png",
            base64(
                0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0, 0, 3, 0, 0,
                0, 2, 0)),
        arguments("gif", base64('G', 'I', 'F', '8', '9', 'a', 0, 3, 0, 2)),
        arguments(
            "jpeg",
            base64(0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 1, 0xff, 0xc2, 0, 11, 8, 2, 0, 3, 0, 3, 1, 1)),
        arguments(
            "webp",
            base64(
                'R', 'I', 'F', 'F', 1, 1, 1, 1, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'X', 10, 0, 0, 0,
                0, 0, 0, 0, 0xff, 2, 0, 0xff, 1, 0)),
        arguments(
            "webp",
            base64(
                'R', 'I', 'F', 'F', 1, 1, 1, 1, 'W', 'E', 'B', 'P', 'V', 'P', '8', 'L', 10, 0, 0, 0,
                0x2f, 0xff, 0xc2, 0x7f, 0, 0, 0, 0, 0, 0)));
  }

  @ParameterizedTest
  @MethodSource("images")
  void imagesInARequestHaveTheirSize(String type, String base64) {
    String url = "data:image/%s;base64,%s".formatted(type, base64);
    ImagePart expected = new ImagePart(768, 512, false);

    assertThat(
            read("{\"messages\":[{\"content\":[{\"image_url\":{\"url\":\"" + url + "\"}}]}]}")
                .images())
        .containsExactly(expected);
    assertThat(
            read("{\"input\":[{\"content\":[{\"detail\":\"low\",\"image_url\":\""
                    + url.replace("/", "\\/")
                    + "\"}]}]}")
                .images())
        .containsExactly(new ImagePart(768, 512, true));
    assertThat(
            PromptTexts.read(
                    "/v1/messages",
                    ("{\"messages\":[{\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/"
                            + type
                            + "\",\"data\":\""
                            + base64
                            + "\"}}]}]}")
                        .getBytes(StandardCharsets.UTF_8))
                .images())
        .containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"data:image/png;base64,\"",
        "\"data:image/png;base64,####\"",
        "\"data:,x\"",
        "{\"url\":7}",
        "[]",
        "{\"url\":\"data:image/jpeg;base64,/9j/wAA=\"}",
        "\"https://example.com/a.png\""
      })
  void imagesThatCannotBeReadAreOfUnknownSize(String value) {
    assertThat(read("{\"messages\":[{\"content\":[{\"image_url\":" + value + "}]}]}").images())
        .containsExactly(new ImagePart(0, 0, false));
  }

  @Test
  void everyTextOfAListIsItsOwnPrompt() {
    assertThat(read("{\"prompt\":[\"a\",\"b\"]}").prompts()).isEqualTo(2);
    assertThat(read("{\"input\":\"a\"}").prompts()).isOne();
    assertThat(read("{\"input\":[{\"role\":\"user\",\"content\":\"a\"}]}").prompts()).isOne();
    assertThat(read("{\"prompt\":[]}").prompts()).isOne();
  }

  @Test
  void tokenArraysAreCountedAsTokens() {
    PromptTexts one = read("{\"prompt\":[1,2,3]}");
    PromptTexts two = read("{\"prompt\":[[1,2,3],[4]]}");

    assertThat(one.tokenIds()).isEqualTo(3);
    assertThat(one.prompts()).isOne();
    assertThat(two.tokenIds()).isEqualTo(4);
    assertThat(two.prompts()).isEqualTo(2);
    assertThat(two.texts()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"max_tokens\":7}",
        "{\"max_completion_tokens\":7}",
        "{\"max_output_tokens\":7}",
        "{\"completion_args\":{\"max_tokens\":7}}",
        "{\"max_tokens\":7,\"max_completion_tokens\":null}",
      })
  void readsTheLimitByEveryName(String body) {
    assertThat(read(body).maxTokens()).contains(7L);
  }

  @Test
  void oddLimitsAreNoLimits() {
    assertThat(read("{\"max_tokens\":\"many\",\"n\":[2]}").maxTokens()).isEmpty();
    assertThat(read("{\"max_tokens\":1e400}").maxTokens()).isEmpty();
    assertThat(read("{\"max_tokens\":99999999999999999999}").maxTokens()).isEmpty();
    assertThat(read("{\"n\":3,\"best_of\":2}").choices()).isEqualTo(3);
  }

  @Test
  void readsTheOtherEndpoints() {
    assertThat(read("{\"query\":\"q\",\"documents\":[\"a\",\"b\"]}").texts())
        .containsExactly("q", "a", "b");
    assertThat(read("{\"inputs\":\"hello\",\"instructions\":\"i\"}").texts())
        .containsExactly("hello", "i");
    assertThat(read("{\"document\":{\"type\":\"document_url\",\"document_url\":\"u\"}}").media())
        .isOne();
    assertThat(read("{\"prompt\":\"a\",\"suffix\":\"b\"}").texts()).containsExactly("a", "b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "hunter2", "{\"prompt\":\"hunter2", "{\"a\":hunter2}"})
  void refusesWhatIsNoObjectWithoutShowingIt(String body) {
    assertThatThrownBy(() -> read(body))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("The request body is not ")
        .hasNoCause()
        .message()
        .doesNotContain("hunter2");
  }

  private static PromptTexts read(String body) {
    return PromptTexts.read("/v1/chat/completions", body.getBytes(StandardCharsets.UTF_8));
  }
}
