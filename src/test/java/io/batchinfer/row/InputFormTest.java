package io.batchinfer.row;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class InputFormTest {
  private static final String LINE = "{\"custom_id\":\"a\",\"body\":{\"x\":[1,{\"y\":2}]}}";
  private static final String PRETTY =
      "{\n  \"custom_id\": \"a\",\n  \"body\": {\n    \"x\": 1\n  }\n}\n";

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static String form(String text) {
    return InputForm.of(text.getBytes(StandardCharsets.UTF_8)).orElse("lines");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n\n",
        LINE,
        LINE + "\n" + LINE,
        "\uFEFF" + LINE + "\n",
        "  " + LINE,
        // Mistakes in lines are the lines' own.
        "{\"custom_id\":\"a\",\"body\":{\n" + LINE,
        "{broken\n" + LINE,
        "[1,2]\n" + LINE,
        "not json\n" + LINE,
        "a, b\n" + LINE + "\n" + LINE
      })
  void linesWithOrWithoutMistakesAreNoOtherForm(String text) {
    assertThat(InputForm.of(text.getBytes(StandardCharsets.UTF_8))).isEmpty();
  }

  @Test
  void anArrayIsToldInEveryLayoutWithAOneLiner() {
    for (String array :
        new String[] {
          "[" + LINE + "," + LINE + "]",
          "[\n" + LINE + ",\n" + LINE + "\n]\n",
          "[\r\n" + LINE + ",\r\n",
          "\uFEFF[" + LINE + ",\n" + LINE + "]",
          "[" + LINE + ",\n" + PRETTY
        }) {
      assertThat(form(array))
          .startsWith("looks like one JSON array, but each line must be one JSON object, such as {")
          .endsWith("; write its elements as lines: jq -c '.[]' IN > OUT");
    }
  }

  @Test
  void prettyPrintedObjectsAreToldAlsoWhereTheHeadEndsInOne() {
    for (String pretty :
        new String[] {
          PRETTY,
          PRETTY + PRETTY,
          PRETTY.replace("\n", "\r\n"),
          PRETTY.substring(0, 30),
          "{ \"custom_id\": \"a\",\n  \"body\": \"" + "x".repeat(100)
        }) {
      assertThat(form(pretty)).contains("over several lines", "jq -c . IN > OUT");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "custom_id,prompt\na,hello\nb,\"x, y\"\n",
        "id;text\n1;a\n2;b\n",
        "id\ttext\n1\ta\n2\tb\n"
      })
  void tablesOfTextAreCsv(String text) {
    assertThat(form(text)).startsWith("looks like CSV, but each line");
  }

  @Test
  void otherTextIsTold() {
    assertThat(form("Write a poem\nWrite a letter\n")).startsWith("looks like text, but");
    assertThat(form("{'custom_id': 'a'}\n")).contains("single quotes", "json.dumps");
    assertThat(form("<!DOCTYPE html><html>")).startsWith("looks like HTML or XML, but");
  }

  @ParameterizedTest
  @CsvSource({
    "UTF-16, UTF-16",
    "UTF-16LE, UTF-16LE",
    "UTF-16BE, UTF-16BE",
    "x-UTF-16LE-BOM, UTF-16",
    "UTF-32LE, UTF-32"
  })
  void wideEncodingsAreToldWithAndWithoutAMark(String charset, String name) {
    byte[] bytes = (LINE + "\n" + LINE).getBytes(Charset.forName(charset));
    if (charset.equals("UTF-32LE")) {
      bytes = ("\uFEFF" + LINE).getBytes(Charset.forName(charset));
    }

    assertThat(InputForm.of(bytes).orElse("lines"))
        .startsWith("looks like text in " + name + ", but")
        .endsWith("iconv -f " + name + " -t UTF-8 IN > OUT");
  }

  @ParameterizedTest
  @CsvSource({
    "'\u001f\u008b\b', gzip",
    "'(\u00b5/\u00fdabc', Zstandard",
    "BZh91AY, bzip2",
    "'PK\u0003\u0004', ZIP",
    "PAR1xxxx, Parquet",
    "ORCxx, ORC",
    "'Obj\u0001', Avro",
    "'SQLite format 3', SQLite",
    "%PDF-1.7, PDF",
    "'\u00fd7zXZ', xz"
  })
  void binaryFormatsAreToldByTheirFirstBytes(String bytes, String name) {
    assertThat(InputForm.of(latin1(bytes)).orElse("lines")).contains(name);
  }

  @Test
  void noBeginningOfAFileMakesItThrow() {
    byte[] whole = ("[" + PRETTY + ",\u00e9\u0000" + LINE + "]").getBytes(StandardCharsets.UTF_8);

    for (int length = 0; length <= whole.length; length++) {
      assertThat(InputForm.of(Arrays.copyOf(whole, length))).isNotNull();
    }
  }
}
