package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.ForkedProcess.Command;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the start script brings for a store of objects, with a Maven that tells what it is for. */
class StoreJarsTest extends UnpackedProduct {
  private static final String MAVEN =
      """
      pom= artifact= sdk= hadoop= out=
      for word in "$@"; do
        case $word in
          *.xml) pom=${word##*/} ;;
          -Dartifact=*) artifact=${word#*=} ;;
          -Daws.sdk.version=*) sdk=${word#*=} ;;
          -Dhadoop.version=*) hadoop=${word#*=} ;;
          -DoutputDirectory=*) out=${word#*=} ;;
        esac
      done
      echo "fetched $pom $artifact $hadoop $sdk" >>"$HOME/fetched"
      case $artifact in
        org.apache.spark:spark-parent_2.13:4.2.0:pom)
          echo '<aws.java.sdk.v2.version>2.35.4</aws.java.sdk.v2.version>' >"$out/spark-parent_2.13-4.2.0.pom" ;;
        *) : >"$out/${pom%.xml}-$hadoop.jar"; : >"$out/s3-transfer-manager-$sdk.jar" ;;
      esac
      """;

  private Path jars = Path.of("");

  @BeforeEach
  void installMavenAndHadoop() throws IOException {
    install(directory.resolve("maven/mvn"), MAVEN);
    installSpark("hadoop-client-api-3.5.0.jar");
    jars = directory.resolve(".cache/batchinfer/hadoop-aws-3.5.0");
  }

  private Finished withMaven(String... arguments) {
    return maven(command(arguments)).run(LONG_ENOUGH);
  }

  private Command maven(Command command) {
    return command.with("PATH", directory.resolve("tools") + ":" + directory.resolve("maven"));
  }

  private List<String> fetched() throws IOException {
    Path log = directory.resolve("fetched");
    return Files.exists(log) ? Files.readAllLines(log) : List.of();
  }

  @Test
  void theJarsOfAStoreAreFetchedOnceInTheVersionThatFitsAndAreOnTheClassPath() throws IOException {
    for (List<String> arguments :
        List.of(
            List.of("run", "-i", "in", "-o", "s3a://b/out"),
            List.of("status", "s3://b/out"),
            List.of("run", "--input=s3a://b/in/*.jsonl", "--output", "/out"))) {
      Finished finished = withMaven(arguments.toArray(String[]::new));

      assertThat(finished.exitCode()).as("%s", finished).isZero();
      assertThat(words(finished))
          .as("%s", finished)
          .startsWith("java")
          .anyMatch(word -> word.endsWith(sparkHome + "/jars/*:" + jars + "/*"));
    }
    assertThat(fetched())
        .containsExactly(
            "fetched hadoop-aws.xml org.apache.spark:spark-parent_2.13:4.2.0:pom  ",
            "fetched hadoop-aws.xml  3.5.0 2.35.4");
  }

  @Test
  void aStoreThatAFileOfOptionsOrTheEnvironmentNamesIsSeen() throws IOException {
    Path options = Files.writeString(directory.resolve("my.conf"), "output = s3a://b/out\n");

    assertThat(words(withMaven("run", "--config", options.toString())))
        .anyMatch(word -> word.endsWith(jars + "/*"));
    assertThat(
            words(
                maven(command("status").with("BATCHINFER_OUTPUT", "s3a://b/out")).run(LONG_ENOUGH)))
        .anyMatch(word -> word.endsWith(jars + "/*"));
  }

  @Test
  void sparkSubmitGetsThemBesideTheUsersOwn() {
    assertThat(
            words(withMaven("run", "-o", "s3a://b/o", "--master", "yarn", "--jars", "a.jar,b.jar")))
        .containsSubsequence(
            "--jars",
            "a.jar,b.jar,"
                + jars
                + "/hadoop-aws-3.5.0.jar,"
                + jars
                + "/s3-transfer-manager-2.35.4.jar");
    assertThat(
            words(
                withMaven(
                    "run",
                    "-o",
                    "s3a://b/o",
                    "--master",
                    "spark://h:1",
                    "--deploy-mode",
                    "cluster",
                    "--packages",
                    "a:b:1")))
        .containsSubsequence(
            "--packages",
            "a:b:1,org.apache.hadoop:hadoop-aws:3.5.0,software.amazon.awssdk:s3:2.35.4,software.amazon.awssdk:s3-transfer-manager:2.35.4,software.amazon.awssdk:sts:2.35.4,software.amazon.awssdk:apache-client:2.35.4,software.amazon.awssdk:netty-nio-client:2.35.4",
            "--exclude-packages",
            "software.amazon.awssdk:bundle");
  }

  @Test
  void nothingIsFetchedThatIsThereOrIsNotNamed() throws IOException {
    withMaven("run", "-o", "out", "-i", "gs3a://b/x");
    withMaven("run", "-o", "s3a://b/o", "--packages", "org.apache.hadoop:hadoop-aws:3.5.0");
    withMaven("run", "-o", "s3a://b/o", "--jars", "/lib/hadoop-aws-3.5.0.jar");
    withMaven(
        "run",
        "-o",
        "s3a://b/o",
        "--conf",
        "spark.jars.packages=org.apache.hadoop:hadoop-aws:3.5.0");
    installSpark("hadoop-aws-3.5.0.jar");
    withMaven("run", "-o", "s3a://b/o");
    Files.delete(sparkHome.resolve("jars/hadoop-aws-3.5.0.jar"));
    Files.delete(sparkHome.resolve("jars/hadoop-client-api-3.5.0.jar"));
    installSpark("hadoop-client-api-3.4.1-amzn-2.jar");
    withMaven("run", "-o", "s3a://b/o");

    assertThat(fetched()).isEmpty();
  }

  @Test
  void withoutMavenTheNoteNamesTheCoordinates() {
    assertThat(batchinfer("status", "s3a://b/out").stderr())
        .contains("Give --packages org.apache.hadoop:hadoop-aws:3.5.0.");
  }

  @Test
  void commandsThatOnlyReadFilesTakeSparksSettings() throws IOException {
    assertThat(words(withMaven("results", "/out", "--conf", "spark.hadoop.fs.a=b")))
        .startsWith("java")
        .contains("-Dspark.hadoop.fs.a=b")
        .endsWith("results", "/out");
    assertThat(words(withMaven("status", "s3a://b/out", "--properties-file", "my.conf")))
        .startsWith("spark-submit")
        .containsSubsequence("--master", "local[1]", "--properties-file", "my.conf");

    Files.createDirectories(sparkHome.resolve("conf"));
    Files.writeString(sparkHome.resolve("conf/spark-defaults.conf"), "spark.hadoop.fs.a c\n");
    assertThat(words(withMaven("status", "s3a://b/out")))
        .startsWith("spark-submit")
        .containsSubsequence(
            "--jars", jars + "/hadoop-aws-3.5.0.jar," + jars + "/s3-transfer-manager-2.35.4.jar");
    assertThat(words(withMaven("status", "/out"))).startsWith("java");
  }

  @Test
  void inClusterModeTheStatusIsReadWithWhatTheRunWasGiven() {
    Finished finished =
        withMaven(
            "run",
            "--master",
            "yarn",
            "--deploy-mode",
            "cluster",
            "-o",
            "s3a://b/out",
            "--conf",
            "spark.hadoop.fs.a=b");

    assertThat(words(finished))
        .containsSubsequence("spark-submit", "cluster", "java", "-Dspark.hadoop.fs.a=b", "status");
    assertThat(words(finished)).anyMatch(word -> word.contains(jars + "/*"));

    Finished packages =
        withMaven(
            "run", "--master=yarn", "--deploy-mode=cluster", "-oo://b/out", "--packages", "a:b:1");
    assertThat(words(packages))
        .containsSubsequence(
            "spark-submit", "cluster", "spark-submit", "local[1]", "--packages", "a:b:1", "status");
  }
}
