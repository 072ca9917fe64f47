package io.batchinfer.row;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.batchinfer.row.ParsedLine.Request;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptOutlineTest {
  private static final String PATH = "/v1/chat/completions";
  private static final LineRules RULES =
      new LineRules(PATH, Set.of(PATH), null, LineRules.ModelRule.REFUSE, null);

  private static Request request(LineRules rules, String line) {
    // The line does not stand at the front, as in a reader's buffer.
    byte[] bytes = ("before" + line + "\nbehind").getBytes(UTF_8);
    int length = line.getBytes(UTF_8).length;
    return (Request) new RequestLineParser(rules).parse(bytes, "before".length(), length);
  }

  private static Request request(String body) {
    return request(RULES, "{ \"custom_id\" : \"a\", \"body\" : " + body + " , \"more\":[1]}");
  }

  private static String field(int field, byte[] body) {
    PromptOutline prompt = PromptOutline.of(body);
    return new String(
        body, prompt.start(field), prompt.end(field, body) - prompt.start(field), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"ä,]}\"}],\"n\":1}",
        "{\"messages\" : [ ] ,\n \"model\" : \"m\" , \"tools\": [{\"type\":\"function\"}] }",
        "{\"prompt\":\"one, \",\"input\":null,\"system\":1.5 ,\"instructions\":true\t}",
        "{\"functions\":{},\"n\":{\"messages\":[1]},\"input\":[[1,2],[3]]}",
        "{\"prompt\":\"first\",\"prompt\":\"second\"}",
        "{}"
      })
  void aLinesOutlineIsThatOfTheBodyThatIsSent(String body) {
    Request request = request(body);

    PromptOutline alone = PromptOutline.of(request.body());

    assertThat(request.body()).isEqualTo(body.getBytes(UTF_8));
    for (int field = 0; field < PromptOutline.FIELDS; field++) {
      assertThat(request.prompt().start(field)).as("start %d", field).isEqualTo(alone.start(field));
      assertThat(request.prompt().end(field, request.body()))
          .as("end %d", field)
          .isEqualTo(alone.end(field, request.body()));
    }
    assertThat(request.prompt().in(request.body())).isSameAs(request.prompt());
  }

  @Test
  void aFieldIsItsValueAndNothingAroundIt() {
    byte[] body =
        "{ \"model\" : \"m\" ,\"tools\":[ {\"a\":\",\"} ]\n, \"functions\":{ }, \"system\":7 ,\"instructions\": \"be, \" , \"messages\":[],\"prompt\":null,\"input\" :[[1],2] \r\n}"
            .getBytes(UTF_8);

    assertThat(field(0, body)).isEqualTo("\"m\"");
    assertThat(field(1, body)).isEqualTo("[ {\"a\":\",\"} ]");
    assertThat(field(2, body)).isEqualTo("{ }");
    assertThat(field(3, body)).isEqualTo("7");
    assertThat(field(4, body)).isEqualTo("\"be, \"");
    assertThat(field(5, body)).isEqualTo("[]");
    assertThat(field(6, body)).isEqualTo("null");
    assertThat(field(7, body)).isEqualTo("[[1],2]");
  }

  @Test
  void whereAModelIsFilledInFieldsStandElsewhere() {
    LineRules rules =
        new LineRules(PATH, Set.of(PATH), "another", LineRules.ModelRule.JOB_WINS, null);
    Request request = request(rules, "{\"body\":{\"model\":\"m\",\"messages\":[1],\"tools\":[2]}}");

    PromptOutline sent = request.prompt().in(request.body());

    assertThat(new String(request.body(), UTF_8)).contains("another");
    assertThat(sent).isNotSameAs(request.prompt());
    assertThat(Arrays.copyOfRange(request.body(), sent.start(5), sent.end(5, request.body())))
        .isEqualTo("[1]".getBytes(UTF_8));
    assertThat(request.prompt().hasTools()).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'messages':[{'content':[{'type':'image_url','image_url':{'url':'u'}}]}]}|true|false",
        "{'messages':[{'content':[{'type':'image_url'}]}],'tools':[]}|true|true",
        "{'input':[{'content':[{'type':'input_image','file_id':'f'}]}]}|true|false",
        "{'input':[{'type':1,'a':'input_image'}]}|false|false",
        "{'input':[{'type':['input_image']}]}|false|false",
        "{'tools' : [{'type':'function','function':{'name':'image_url'}}]}|false|true",
        "{'messages':[{'content':'\\'image_url\\':1, \\'tools\\':[]'}]}|false|false",
        "{'messages':[{'tools':[1]}],'metadata':{'image_url':1}}|false|false",
        "{'prompt':'tools','model':'image_url'}|false|false"
      })
  void imagesAndToolsAreFoundWhereModelsAreShownThem(String body, boolean images, boolean tools) {
    PromptOutline prompt = request(body.replace("\\'", "\\\"").replace('\'', '"')).prompt();

    assertThat(prompt.hasImages()).as("images").isEqualTo(images);
    assertThat(prompt.hasTools()).as("tools").isEqualTo(tools);
  }

  @Test
  void aLongBodyIsLookedAtWhole() {
    String text = "x".repeat(100_000);

    assertThat(request("{\"prompt\":\"" + text + "\",\"tools\":[],\"input\":\"" + text + "\"}"))
        .satisfies(request -> assertThat(request.prompt().hasTools()).isTrue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"model\":", "{\"messages\":[1}"})
  void whatIsNoBodyIsRefused(String body) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PromptOutline.of(body.getBytes(UTF_8)))
        .withMessageContaining("JSON");
  }
}
