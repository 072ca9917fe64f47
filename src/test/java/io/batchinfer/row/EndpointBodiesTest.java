package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.model.EndpointPaths;
import io.batchinfer.model.endpoint.Endpoint;
import io.batchinfer.model.endpoint.Endpoints;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known of each endpoint's requests, as it is read. */
class EndpointBodiesTest {
  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void theKnownPathsAreThoseOfTheEndpoints() {
    assertThat(EndpointPaths.KNOWN)
        .containsExactlyElementsOf(Endpoints.ALL.stream().map(Endpoint::path).toList())
        .doesNotHaveDuplicates()
        .allMatch(path -> EndpointPaths.canonical(path).orElseThrow().equals(path));
    for (Endpoint endpoint : Endpoints.ALL) {
      assertThat(Endpoints.at(endpoint.path())).isSameAs(endpoint);
    }
    assertThat(Endpoints.at("/v1/unheard/of").path()).isEmpty();
  }

  /** Every path: texts, answers and limit of a request; writes text, unstated limit. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/v1/chat/completions | {'messages':[{'role':'user','content':'a'}],'tools':[1],'max_completion_tokens':5,'n':2} | a | 2 | 5 | true | 0",
        "/v1/completions | {'prompt':['a','b'],'suffix':'c','max_tokens':5,'best_of':3} | a;b;c | 3 | 5 | true | 16",
        "/v1/responses | {'instructions':'i','input':[{'role':'user','content':[{'type':'input_text','text':'a'}]}],'max_output_tokens':5} | i;a | 1 | 5 | true | 0",
        "/v1/embeddings | {'input':['a','b']} | a;b | 1 | -1 | false | 0",
        "/v1/messages | {'system':'s','messages':[{'role':'user','content':'a'}],'max_tokens':5} | s;a | 1 | 5 | true | 0",
        "/v1/fim/completions | {'prompt':'a','suffix':'b','max_tokens':5} | a;b | 1 | 5 | true | 0",
        "/v1/moderations | {'input':'a'} | a | 1 | -1 | false | 0",
        "/v1/chat/moderations | {'input':[[{'role':'user','content':'a'}]]} | a | 1 | -1 | false | 0",
        "/v1/ocr | {'document':{'document_url':'u'}} | | 1 | -1 | false | 0",
        "/v1/classifications | {'input':'a'} | a | 1 | -1 | false | 0",
        "/v1/chat/classifications | {'input':{'messages':[{'role':'user','content':'a'}]}} | a | 1 | -1 | false | 0",
        "/v1/conversations | {'inputs':'a','instructions':'i','completion_args':{'max_tokens':5}} | a;i | 1 | 5 | true | 0",
        "/v1/audio/transcriptions | {'file_url':'u','prompt':'a'} | a | 1 | -1 | true | 0",
        "/v1/score | {'text_1':'a','text_2':['b']} | a;b | 1 | -1 | false | 0",
        "/v1/rerank | {'query':'a','documents':['b']} | a;b | 1 | -1 | false | 0",
        "/v1/unheard/of | {'prompt':'a','messages':[{'content':'b'}],'max_tokens':5} | a;b | 1 | 5 | true | 0",
      })
  void aRequestIsReadWhereItsEndpointHasIt(
      String path,
      String body,
      String texts,
      int choices,
      long limit,
      boolean writes,
      long unstatedLimit) {
    PromptTexts read = PromptTexts.read(path, bytes(body.replace('\'', '"')));

    assertThat(read.texts())
        .containsExactlyElementsOf(texts == null ? List.of() : Arrays.asList(texts.split(";", -1)));
    assertThat(read.choices()).isEqualTo(choices);
    assertThat(read.maxTokens().orElse(-1L)).isEqualTo(limit);
    assertThat(Endpoints.at(path).writesText()).isEqualTo(writes);
    assertThat(Endpoints.at(path).unstatedAnswerLimit().orElse(0)).isEqualTo(unstatedLimit);
  }

  @Test
  void everyPathIsInTheTableOfRequests() throws NoSuchMethodException {
    CsvSource table =
        EndpointBodiesTest.class
            .getDeclaredMethod(
                "aRequestIsReadWhereItsEndpointHasIt",
                String.class,
                String.class,
                String.class,
                int.class,
                long.class,
                boolean.class,
                long.class)
            .getAnnotation(CsvSource.class);
    Set<String> paths = new HashSet<>();
    for (String row : table.value()) {
      paths.add(row.substring(0, row.indexOf(' ')));
    }
    assertThat(paths).containsAll(EndpointPaths.KNOWN);
  }
}
