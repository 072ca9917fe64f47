package io.batchinfer.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PromptBlocksTest {
  private static PromptBlocks of(String json) throws Exception {
    return PromptBlocks.of(RequestReader.read(json.getBytes(StandardCharsets.UTF_8)));
  }

  private static int inCommon(PromptBlocks one, PromptBlocks other) {
    int differ = Arrays.mismatch(one.chain(), other.chain());
    return differ < 0 ? one.chain().length : differ;
  }

  @Test
  void promptsShareBlocksAsFarAsTheyBeginAlike() throws Exception {
    String system = "s".repeat(1_000);
    String chat =
        "{\"model\":\"m\",\"messages\":[{\"role\":\"system\",\"content\":\"%s\"},\"%s\"]}";
    PromptBlocks one = of(chat.formatted(system, "a".repeat(200)));
    PromptBlocks other = of(chat.formatted(system, "b".repeat(200)));

    assertThat(one.tokens()).isEqualTo(309);
    assertThat(one.chain()).hasSize(19);
    assertThat(inCommon(one, other)).isEqualTo(16);
    assertThat(inCommon(one, one)).isEqualTo(19);
  }

  @Test
  void toolsComeFirstWhereverTheyStand() throws Exception {
    String tools = "\"tools\":[\"" + "t".repeat(400) + "\"]";
    PromptBlocks one = of("{\"messages\":[\"" + "a".repeat(100) + "\"]," + tools + "}");
    PromptBlocks other = of("{" + tools + ",\"messages\":[\"" + "b".repeat(100) + "\"]}");

    assertThat(inCommon(one, other)).isEqualTo(6);
  }

  @Test
  void modelsShareNothing() throws Exception {
    String chat = "{\"model\":\"%s\",\"messages\":[\"" + "a".repeat(500) + "\"]}";

    assertThat(inCommon(of(chat.formatted("m")), of(chat.formatted("n")))).isZero();
  }
}
