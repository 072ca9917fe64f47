package io.batchinfer.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.cli.CommandLineRun;
import io.batchinfer.testing.SharedSpark;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the page says about tables can be typed as it is. */
class FromATablePageTest extends SharedSpark {
  private static final int ROWS = 20;
  private static final Path PAGE = Path.of("src/site/markdown/from-a-table.md");

  @TempDir Path directory;
  private SparkSession session;
  private Dataset<Row> tickets;

  @BeforeEach
  void makeTickets() {
    session = SparkSession.builder().config(jsc().getConf()).getOrCreate();
    tickets =
        session
            .range(0, ROWS, 1, 2)
            .selectExpr("id", "concat('Subject ', id) as subject", "concat('Text ', id) as text");
    tickets.createOrReplaceTempView("tickets");
    session.catalog().dropTempView("answers");
  }

  /** The blocks of a language, with folders of this test for those that they name. */
  private List<String> blocks(String language) throws IOException {
    Matcher found =
        Pattern.compile("```" + language + "\n(.*?)```", Pattern.DOTALL)
            .matcher(Files.readString(PAGE));
    List<String> blocks = new ArrayList<>();
    while (found.find()) {
      blocks.add(
          found
              .group(1)
              .replaceAll("\\bANSWERS\\b", directory.resolve("answers").toString())
              .replaceAll("\\bOUT\\b", directory.resolve("out").toString())
              .replaceAll("\\bIN\\b", directory.resolve("in").toString()));
    }
    assertThat(blocks).as(language).isNotEmpty();
    return blocks;
  }

  private void assertAnswered(Dataset<Row> answers) {
    assertThat(tickets.join(answers, "id").where("status = 'succeeded'").count()).isEqualTo(ROWS);
  }

  @Test
  void sqlRuns() throws IOException {
    for (String block : blocks("sql")) {
      for (String statement : Pattern.compile(";\n").splitAsStream(block).toList()) {
        session.sql(statement).count();
      }
    }

    assertAnswered(session.table("answers"));
    session.sql("DROP TABLE answers");
  }

  @Test
  void theCommandLineRuns() throws IOException {
    tickets.write().parquet(directory.resolve("in").toString());
    for (String block : blocks("sh")) {
      for (String line : block.lines().toList()) {
        List<String> words = new ArrayList<>();
        Matcher word = Pattern.compile("'([^']*)'|(\\S+)").matcher(line);
        while (word.find()) {
          words.add(word.group(1) == null ? word.group(2) : word.group(1));
        }
        assertThat(words.remove(0)).isEqualTo("batchinfer");
        CommandLineRun run = CommandLineRun.of(words.toArray(String[]::new));
        assertThat(run.exitCode()).as("%s", run).isZero();
      }
    }

    assertAnswered(session.read().parquet(directory.resolve("answers").toString()));
  }

  @Test
  void javaCompilesAndRuns() throws Exception {
    Path source = directory.resolve("Page.java");
    Files.writeString(
        source,
        """
        import io.batchinfer.BatchInference;
        import org.apache.spark.sql.Dataset;
        import org.apache.spark.sql.Row;
        public class Page {
          public static void run(Dataset<Row> tickets) throws Exception {
            %s
          }
        }
        """
            .formatted(String.join("\n", blocks("java"))));
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();

    int compiled =
        compiler.run(
            null,
            null,
            null,
            "-proc:none",
            "-classpath",
            System.getProperty("java.class.path"),
            "-d",
            directory.toString(),
            source.toString());

    assertThat(compiled).isZero();
    try (URLClassLoader loader =
        new URLClassLoader(new URL[] {directory.toUri().toURL()}, getClass().getClassLoader())) {
      loader.loadClass("Page").getMethod("run", Dataset.class).invoke(null, tickets);
    } catch (InvocationTargetException e) {
      throw new AssertionError(e.getCause());
    }
    assertAnswered(session.read().format("batchinfer").load(directory.resolve("out").toString()));
  }

  /** Python cannot run here, so its options are given by the same calls in Java. */
  @Test
  void theOptionsOfPythonAreOptions() throws IOException {
    String python = blocks("python").get(0);
    var writer = tickets.write().format("batchinfer");
    Matcher option = Pattern.compile("\\.option\\(\"([^\"]*)\", \"([^\"]*)\"\\)").matcher(python);
    int options = 0;
    while (option.find()) {
      writer = writer.option(option.group(1), option.group(2).translateEscapes());
      options++;
    }
    assertThat(options).isEqualTo(4);

    writer.save(directory.resolve("out").toString());

    assertAnswered(session.read().format("batchinfer").load(directory.resolve("out").toString()));
  }
}
