package io.batchinfer.docs;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.model.ErrorCode;
import io.batchinfer.packaging.UnpackedProduct;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.apache.spark.SparkContext;
import org.apache.spark.deploy.SparkSubmitArguments;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.Map$;
import scala.jdk.javaapi.CollectionConverters;

/** What the page about trouble quotes is what the program, the start script and Spark say. */
class TroubleshootingPageTest extends UnpackedProduct {
  private static final String OF_SPARK = "## What Spark and its clusters say";

  /** Texts of ours as they come out: pieces of one message put together. */
  private static List<String> sources() throws IOException {
    Path base = BuiltProduct.baseDirectory();
    List<String> sources = new ArrayList<>();
    try (Stream<Path> files = Files.walk(base.resolve("src/main/java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        sources.add(Files.readString(file));
      }
    }
    sources.add(Files.readString(base.resolve("scripts/batchinfer")));
    return sources.stream()
        .map(text -> text.replaceAll("\"\\s*\\+\\s*\"", "").replace("\\\"", "\""))
        .toList();
  }

  /** Pieces of one message may come from several places. */
  private static boolean isSaid(String message, List<String> sources) {
    List<String> parts = QuotedMessages.fixedParts(message);
    return parts.stream().anyMatch(part -> part.length() > 10)
        && parts.stream().allMatch(part -> sources.stream().anyMatch(text -> text.contains(part)));
  }

  private static boolean isOfSpark(String message) {
    String text = Pages.text(QuotedMessages.PAGE);
    return text.indexOf("| `" + message + "` |") > text.indexOf(OF_SPARK);
  }

  @Test
  void everyMessageOfOursIsInTheSources() throws IOException {
    List<String> sources = sources();
    List<String> messages =
        QuotedMessages.all().stream().filter(message -> !isOfSpark(message)).toList();

    assertThat(messages).hasSizeGreaterThan(40);
    assertThat(messages)
        .filteredOn(message -> !isSaid(message, sources))
        .as("messages that are nowhere in the code")
        .isEmpty();
  }

  @Test
  void everyMessageOfSparkIsInSpark() throws Exception {
    Path jar =
        Path.of(SparkContext.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    StringBuilder text = new StringBuilder();
    try (JarFile spark = new JarFile(jar.toFile())) {
      spark.stream()
          .filter(
              entry ->
                  entry.getName().startsWith("org/apache/spark/deploy/")
                      || entry.getName().startsWith("org/apache/spark/scheduler/"))
          .forEach(
              entry -> {
                try (InputStream bytes = spark.getInputStream(entry)) {
                  text.append(new String(bytes.readAllBytes(), StandardCharsets.ISO_8859_1));
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
    String classes = text.toString();

    assertThat(QuotedMessages.all().stream().filter(TroubleshootingPageTest::isOfSpark))
        .isNotEmpty()
        .filteredOn(message -> !message.contains("'yarn'"))
        .allSatisfy(message -> assertThat(classes.contains(message)).as(message).isTrue());
    assertThatThrownBy(
            () ->
                new SparkSubmitArguments(
                    CollectionConverters.asScala(List.of("--master", "yarn", "a.jar")).toSeq(),
                    Map$.MODULE$.empty()))
        .satisfies(
            thrown ->
                assertThat(QuotedMessages.in(String.valueOf(thrown.getMessage()))).hasSize(1));
  }

  @Test
  void everyEndOfACommandIsThere() {
    String page = Pages.text(QuotedMessages.PAGE);

    assertThat(ErrorCode.values())
        .filteredOn(code -> code.scope() == ErrorCode.Scope.JOB)
        .allSatisfy(code -> assertThat(page).contains("`" + code.code() + "`"));
  }

  private void assertQuoted(Finished finished, String beginning) {
    assertThat(finished.exitCode()).isNotZero();
    assertThat(QuotedMessages.in(finished.stderr()))
        .as("%s", finished)
        .anyMatch(message -> message.startsWith(beginning));
  }

  @Test
  void theStartScriptSaysWhatIsQuoted() throws IOException {
    installJava("11.0.2", TELL);
    assertQuoted(batchinfer("status", "out"), "Java ");
    installJava("17.0.15", TELL);

    Path core = sparkHome.resolve("jars/spark-core_2.13-4.2.0.jar");
    Files.move(core, core.resolveSibling("spark-core_2.12-3.5.1.jar"));
    assertQuoted(batchinfer("status", "out"), "Spark ");
    Files.delete(core.resolveSibling("spark-core_2.12-3.5.1.jar"));
    assertQuoted(batchinfer("status", "out"), "SPARK_HOME ");

    Files.delete(product.resolve("batchinfer-job.jar"));
    assertQuoted(batchinfer("status", "out"), "The job jar ");
    assertQuoted(
        command("status", "out").with("JAVA_HOME", directory.toString()).run(LONG_ENOUGH),
        "JAVA_HOME ");
    assertQuoted(command("status", "out").without("JAVA_HOME").run(LONG_ENOUGH), "No Java found.");
  }
}
