package io.batchinfer.row;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.ForkedProcess;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrictLineReaderTest {
  private static final int KEYS = 1_200_000;

  /** Judges a line of so many keys in a process of little memory. */
  static final class Judge {
    private Judge() {}

    public static void main(String[] arguments) {
      StringBuilder line = new StringBuilder(KEYS * 9);
      line.append(arguments[0]);
      for (int i = 0; i < KEYS; i++) {
        line.append('"').append(Integer.toString(i, 36)).append("\":0,");
      }
      line.append(arguments[1]);
      byte[] bytes = line.toString().getBytes(StandardCharsets.UTF_8);
      line.setLength(0);
      line.trimToSize();
      StrictLine judged =
          new StrictLineReader("/v1/chat/completions", true).read(bytes, 0, bytes.length);
      System.out.println(judged.customId() + " " + judged.problem());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"line", "body"})
  void aLineOfAMillionKeysTakesUpNoMoreThanItsBytes(String place) throws Exception {
    String rest = "\"custom_id\":\"a\",\"method\":\"POST\",\"url\":\"/v1/chat/completions\"";
    String body = "\"body\":{\"messages\":[]";
    ForkedProcess.Command judge =
        ForkedProcess.command(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx64m",
            "-cp",
            System.getProperty("java.class.path"),
            Judge.class.getName(),
            place.equals("line") ? "{" : "{" + rest + "," + body + ",",
            place.equals("line") ? rest + "," + body + "}}" : "\"z\":0}}");

    try (ForkedProcess process = judge.start()) {
      ForkedProcess.Finished finished = process.waitFor(LONG_ENOUGH);

      assertThat(finished.stdout().strip()).as(finished.toString()).isEqualTo("a Optional.empty");
    }
  }
}
