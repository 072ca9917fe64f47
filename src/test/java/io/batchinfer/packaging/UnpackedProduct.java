package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Command;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The start script in an unpacked product whose Java and spark-submit only tell how they are
 * called.
 */
public abstract class UnpackedProduct {
  protected static final String TELL = "printf '%s\\n' \"$(basename \"$0\")\" \"$@\"\n";

  @TempDir protected Path directory;
  protected Path product = Path.of("");
  Path javaHome = Path.of("");
  protected Path sparkHome = Path.of("");
  Path hadoopConfiguration = Path.of("");

  @BeforeEach
  protected void unpackProduct() throws IOException {
    product = Files.createDirectories(directory.resolve("product"));
    javaHome = directory.resolve("java");
    sparkHome = directory.resolve("spark home");
    Path source = BuiltProduct.baseDirectory();
    Files.createDirectories(product.resolve("scripts/spark"));
    for (String file :
        List.of(
            "scripts/batchinfer",
            "scripts/jars-of",
            "scripts/spark-home",
            "scripts/store-jars",
            "scripts/spark/hadoop-aws.xml",
            "scripts/spark/pom.xml")) {
      Files.copy(source.resolve(file), product.resolve(file));
    }
    Files.createFile(product.resolve("batchinfer-job.jar"));
    hadoopConfiguration = Files.createDirectories(directory.resolve("hadoop"));
    Files.createFile(hadoopConfiguration.resolve("yarn-site.xml"));
    installJava("17.0.15", TELL);
    installSpark("spark-core_2.13-4.2.0.jar");
    installSparkSubmit(TELL);
  }

  protected Finished batchinfer(String... arguments) {
    return command(arguments).run(LONG_ENOUGH);
  }

  protected Command command(String... arguments) {
    try {
      List<String> words = new ArrayList<>();
      words.add(product.resolve("scripts/batchinfer").toString());
      words.addAll(List.of(arguments));
      Command command = ForkedProcess.command(words);
      if (words.stream().anyMatch(word -> word.endsWith("yarn"))) {
        command.with("HADOOP_CONF_DIR", hadoopConfiguration.toString());
      } else {
        command.without("HADOOP_CONF_DIR");
      }
      return command
          .with("JAVA_HOME", javaHome.toString())
          .with("SPARK_HOME", sparkHome.toString())
          .with("HOME", directory.toString())
          .without("XDG_CACHE_HOME")
          .without("SPARK_CONF_DIR")
          .without("YARN_CONF_DIR")
          .without("BATCHINFER_JAVA_OPTS")
          .with(
              "PATH",
              SystemTools.only(
                      directory.resolve("tools"),
                      List.of(
                          "bash",
                          "sh",
                          "basename",
                          "dirname",
                          "readlink",
                          "sed",
                          "find",
                          "sleep",
                          "mkdir",
                          "mktemp",
                          "chmod",
                          "mv",
                          "rm",
                          "cat"))
                  .toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  protected static List<String> words(Finished finished) {
    return finished.stdout().lines().toList();
  }

  protected void installJava(String version, String script) throws IOException {
    install(javaHome.resolve("bin/java"), script);
    Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
  }

  void installSparkSubmit(String script) throws IOException {
    install(sparkHome.resolve("bin/spark-submit"), script);
  }

  void installSpark(String coreJar) throws IOException {
    Files.createDirectories(sparkHome.resolve("jars"));
    Files.createFile(sparkHome.resolve("jars").resolve(coreJar));
  }

  static void install(Path program, String script) throws IOException {
    Files.createDirectories(program.getParent());
    Files.writeString(program, "#!/bin/sh\n" + script);
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }
}
