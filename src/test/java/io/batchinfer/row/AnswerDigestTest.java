package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.Hash128;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerDigestTest {
  private final AnswerDigest digest = new AnswerDigest();

  private Hash128 of(String body) {
    return digest.of(body.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  private static String chat(String id, String message) {
    return "{'id':'%s','created':1,'choices':[{'index':0,'message':%s}],'usage':{'total_tokens':3}}"
        .formatted(id, message);
  }

  @Test
  void ofAnAnswerWithTextOnlyTheTextCounts() {
    Hash128 hash = of(chat("a", "{'content':'yes'}"));

    assertThat(of("{'model':'m','choices':[{'message':{'content':'yes'},'logprobs':[1]}]}"))
        .isEqualTo(hash);
    assertThat(of(chat("a", "{'content':'no'}"))).isNotEqualTo(hash);
    assertThat(of("{'choices':[{'text':'yes'}]}")).isEqualTo(hash);
  }

  @Test
  void allChoicesCount() {
    String two = "{'choices':[{'message':{'content':'%s'}},{'message':{'content':'%s'}}]}";

    assertThat(of(two.formatted("a", "b")))
        .isNotEqualTo(of(two.formatted("a", "c")))
        .isNotEqualTo(of(two.formatted("ab", "")));
  }

  @Test
  void whatAToolIsCalledWithCountsAndTheNameOfTheCallDoesNot() {
    String call =
        "{'content':%s,'tool_calls':[{'id':'%s','function':{'name':'f','arguments':'%s'}}]}";

    for (String content : new String[] {"null", "'let me see'"}) {
      Hash128 hash = of(chat("a", call.formatted(content, "call_1", "{1}")));
      assertThat(of(chat("b", call.formatted(content, "call_2", "{1}")))).isEqualTo(hash);
      assertThat(of(chat("a", call.formatted(content, "call_1", "{2}")))).isNotEqualTo(hash);
    }
    String item =
        "{'output':[{'type':'message','content':[{'type':'output_text','text':'so'}]},{'type':'function_call','call_id':'%s','arguments':'%s'}]}";
    assertThat(of(item.formatted("1", "x"))).isEqualTo(of(item.formatted("2", "x")));
    assertThat(of(item.formatted("1", "x"))).isNotEqualTo(of(item.formatted("1", "y")));
  }

  @Test
  void numbersOfVectorsCountByTheirValue() {
    String vector = "{'id':'%s','data':[{'embedding':[%s]}],'usage':{'total_tokens':%d}}";

    assertThat(of(vector.formatted("a", "0.50,1", 1)))
        .isEqualTo(of(vector.formatted("b", "5e-1,1.0", 2)))
        .isNotEqualTo(of(vector.formatted("a", "0.5,1.1", 1)))
        .isNotEqualTo(of(vector.formatted("a", "0.5", 1)));
  }

  @Test
  void whateverIsJsonHasAHash() {
    assertThat(of("'a'")).isNotEqualTo(of("'b'"));
    assertThat(of("[]")).isNotEqualTo(of("{}"));
    assertThat(of("null")).isNotEqualTo(of("'null'"));
    assertThat(of("{'choices':'x'}")).isNotEqualTo(of("{'choices':[]}"));
    assertThat(of("{'results':[{'flagged':true}]}"))
        .isNotEqualTo(of("{'results':[{'flagged':false}]}"));
    assertThat(of("{'a':['b']}")).isNotEqualTo(of("{'a':['b',{}]}"));
  }
}
