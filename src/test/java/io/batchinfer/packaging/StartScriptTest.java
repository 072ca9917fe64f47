package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.Eventually;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Command;
import io.batchinfer.testing.ForkedProcess.Finished;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** How the start script calls Java and spark-submit. */
class StartScriptTest extends UnpackedProduct {
  @Test
  void aLocalRunIsOneJvmWithSparksSettingsAsProperties() {
    Finished finished =
        batchinfer(
            "run",
            "--input",
            "my requests.jsonl",
            "--master",
            "local[2]",
            "--conf=spark.a=b=c",
            "--driver-memory",
            "3g",
            "-o",
            "out");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    List<String> words = words(finished);
    assertThat(words)
        .startsWith("java")
        .contains(
            "-Xmx3g", "-Dspark.master=local[2]", "-Dspark.a=b=c", "-Dspark.app.name=batchinfer");
    assertThat(words)
        .containsSubsequence(
            "-cp",
            product.resolve("batchinfer-job.jar") + ":" + sparkHome + "/jars/*",
            "io.batchinfer.cli.Main",
            "run",
            "--input",
            "my requests.jsonl",
            "-o",
            "out");
    assertThat(words).endsWith("run", "--input", "my requests.jsonl", "-o", "out");
  }

  @Test
  void aLocalRunHasTheOpenedPackagesOfSparksLauncherAndKeepsHostNameChecksOn() {
    List<String> words = words(batchinfer("run"));

    assertThat(words)
        .containsAll(
            BuiltProduct.sparkJvmFlags().stream()
                .filter(flag -> flag.startsWith("--add-opens"))
                .toList());
    assertThat(words).noneMatch(word -> word.contains("defaultEndpointVerificationAlgorithm"));
  }

  @Test
  void sparksOptionsGoToSparkSubmitWhereverTheyStand() {
    Finished finished =
        batchinfer(
            "run",
            "--jars=a.jar",
            "--input",
            "in",
            "--master",
            "yarn",
            "--executor-memory",
            "4g",
            "--output=out",
            "--conf",
            "spark.x=y z",
            "--concurrency",
            "64",
            "--num-executors=3");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(words(finished))
        .containsExactly(
            "spark-submit",
            "--class",
            "io.batchinfer.cli.Main",
            "--name",
            "batchinfer",
            "--master",
            "yarn",
            "--jars",
            "a.jar",
            "--executor-memory",
            "4g",
            "--conf",
            "spark.x=y z",
            "--num-executors",
            "3",
            "--conf",
            "spark.executor.defaultJavaOptions=-XX:+ExitOnOutOfMemoryError",
            product.resolve("batchinfer-job.jar").toString(),
            "run",
            "--input",
            "in",
            "--output=out",
            "--concurrency",
            "64");
  }

  @Test
  void anExecutorOutOfMemoryEndsUnlessItsJvmOptionsAreTheUsersOwn() throws IOException {
    String end = "spark.executor.defaultJavaOptions=-XX:+ExitOnOutOfMemoryError";
    assertThat(words(batchinfer("run", "-i", "in", "--master", "yarn"))).contains(end);
    assertThat(
            words(
                batchinfer(
                    "run",
                    "-i",
                    "in",
                    "--master",
                    "yarn",
                    "--conf",
                    "spark.executor.extraJavaOptions=-Da=b")))
        .contains(end, "spark.executor.extraJavaOptions=-Da=b");
    assertThat(
            words(
                batchinfer(
                    "run",
                    "-i",
                    "in",
                    "--master",
                    "yarn",
                    "--conf",
                    "spark.executor.defaultJavaOptions=-Dc=d")))
        .doesNotContain(end);
    Files.createDirectories(sparkHome.resolve("conf"));
    Files.writeString(
        sparkHome.resolve("conf/spark-defaults.conf"), "spark.executor.defaultJavaOptions -Dc=d\n");
    assertThat(words(batchinfer("run", "-i", "in", "--master", "yarn"))).doesNotContain(end);
  }

  @Test
  void sparksOwnDefaultsFileIsHonoured() throws IOException {
    Files.createDirectories(sparkHome.resolve("conf"));
    Files.writeString(sparkHome.resolve("conf/spark-defaults.conf"), "spark.master yarn\n");

    assertThat(words(batchinfer("run", "-i", "in")))
        .startsWith("spark-submit")
        .doesNotContain("--master");
  }

  @Test
  void optionsOfACommandWithoutSparkAreItsOwn() {
    assertThat(words(batchinfer("keys", "create", "--name", "x", "")))
        .endsWith("io.batchinfer.cli.Main", "keys", "create", "--name", "x", "");
  }

  @Test
  void theExitCodeOfTheProgramIsTheScripts() throws IOException {
    installJava("17.0.15", "exit 6\n");

    assertThat(batchinfer("run").exitCode()).isEqualTo(6);
  }

  @Test
  void aSignalReachesTheProgram() throws IOException {
    installJava(
        "17.0.15", "trap 'echo drained; exit 143' TERM\necho started\nsleep 60 & wait $!\n");

    try (ForkedProcess running = command("run").start()) {
      Eventually.await(
          "the program has started",
          LONG_ENOUGH,
          () -> running.stdout().contains("started"),
          running::stderr);
      running.terminate();
      Finished finished = running.waitFor(LONG_ENOUGH);

      assertThat(finished.exitCode()).isEqualTo(143);
      assertThat(finished.stdout()).contains("drained");
    }
  }

  @Test
  void inClusterModeOutputAndExitCodeAreTheJobs() throws IOException {
    installSparkSubmit("exit 0\n");
    installJava("17.0.15", TELL + "exit 5\n");

    Finished finished =
        batchinfer(
            "run", "--master", "yarn", "--deploy-mode", "cluster", "-o", "hdfs:///out", "--json");

    assertThat(finished.exitCode()).as("%s", finished).isEqualTo(5);
    assertThat(words(finished))
        .containsSubsequence("status", "--output", "hdfs:///out", "--submission", "--json");
  }

  @Test
  void inClusterModeTheSummaryFileIsWrittenWhereTheScriptRuns() throws IOException {
    installSparkSubmit(TELL);
    installJava("17.0.15", TELL);
    Path summary = directory.resolve("summary.json");
    Files.writeString(summary, "left by an earlier run");

    Finished finished =
        batchinfer(
            "run",
            "--master=yarn",
            "--deploy-mode=cluster",
            "-o",
            "hdfs:///out",
            "--summary-file=" + summary);

    assertThat(summary).doesNotExist();
    assertThat(words(finished))
        .containsOnlyOnce("--summary-file")
        .containsSubsequence("run", "status", "--summary-file", summary.toString());
  }

  @Test
  void elsewhereTheDriverWritesTheSummaryFile() throws IOException {
    installSparkSubmit(TELL);

    assertThat(
            words(
                batchinfer(
                    "run", "--master", "spark://host:1", "--summary-file", "s.json", "--", "in")))
        .containsSubsequence("run", "--summary-file", "s.json", "--", "in");
  }

  @Test
  void inClusterModeARelativeOutputIsSaidToBeTheDrivers() throws IOException {
    installSparkSubmit("exit 0\n");
    installJava("17.0.15", TELL + "exit 1\n");

    assertThat(batchinfer("run", "--master=yarn", "--deploy-mode=cluster", "-o", "out").stderr())
        .contains("the driver looks up \"out\" on the machine that it runs on");
    assertThat(
            batchinfer("run", "--master=yarn", "--deploy-mode=cluster", "-o", "/mnt/out").stderr())
        .doesNotContain("the driver looks up");
  }

  @Test
  void commandsThatOnlyReadFilesGetTheirPackagesFromSparkSubmit() throws IOException {
    installSparkSubmit(TELL);

    Finished finished =
        batchinfer("status", "s3a://bucket/out", "--packages", "org.example:fs:1", "--json");

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(words(finished))
        .containsSubsequence(
            "--master",
            "local[1]",
            "--packages",
            "org.example:fs:1",
            "status",
            "s3a://bucket/out",
            "--json");
  }

  @Test
  void aFailedSubmissionIsNotTheSuccessOfAnEarlierRun() throws IOException {
    installSparkSubmit("exit 9\n");

    assertThat(
            batchinfer("run", "--master=yarn", "--deploy-mode=cluster", "-ohdfs:///out").exitCode())
        .isEqualTo(9);
  }

  @Test
  void anOldJavaIsRefusedInOneSentence() throws IOException {
    installJava("11.0.20", "exit 0\n");

    assertRefused(
        command("run"),
        "batchinfer: Java \"11.0.20\" ("
            + javaHome
            + "/bin/java) is too old: Spark 4 needs Java 17 or newer. Install one and set JAVA_HOME.");
  }

  @Test
  void aJavaThatIsTooNewForTheSparkIsRefusedInOneSentence() throws IOException {
    installJava("25.0.3", "exit 0\n");
    assertThat(batchinfer("run").exitCode()).isZero();

    Files.delete(sparkHome.resolve("jars/spark-core_2.13-4.2.0.jar"));
    installSpark("spark-core_2.13-4.1.13.jar");
    Finished refused = batchinfer("run");

    assertThat(refused.exitCode()).isEqualTo(2);
    assertThat(refused.stderr().strip())
        .isEqualTo(
            "batchinfer: Java 25 (%s/bin/java) is too new for Spark \"4.1.13\" in \"%s\". Point JAVA_HOME at Java 17 or 21, or SPARK_HOME at Spark 4.2."
                .formatted(javaHome, sparkHome));
  }

  @Test
  void anotherSparkIsRefusedInOneSentence() throws IOException {
    Files.delete(sparkHome.resolve("jars/spark-core_2.13-4.2.0.jar"));
    installSpark("spark-core_2.12-3.5.1.jar");

    assertRefused(
        command("run"),
        "batchinfer: Spark \"3.5.1\" with Scala \"2.12\" in \""
            + sparkHome
            + "\" is not supported: batchinfer needs Spark 4 with Scala 2.13. Point SPARK_HOME at one.");
  }

  @Test
  void withoutSparkAndMavenOneSentenceSaysWhatToDo() {
    assertRefused(
        command("run").without("SPARK_HOME"),
        "batchinfer: No Spark found. Set SPARK_HOME to a Spark 4 installation, or install Maven 3.8 or"
            + " newer, which then fetches Spark.");
  }

  @Test
  void withoutHadoopsConfigurationOneSentenceSaysWhatYarnNeeds() {
    String needs =
        "batchinfer: Master \"yarn\" needs HADOOP_CONF_DIR. Set it to Hadoop's configuration, the"
            + " folder that holds core-site.xml and yarn-site.xml.\n";
    String nowhere = directory.resolve("nowhere").toString();

    Finished unset = onYarn().without("HADOOP_CONF_DIR").run(LONG_ENOUGH);
    Finished missing = onYarn().with("HADOOP_CONF_DIR", nowhere).run(LONG_ENOUGH);

    assertThat(unset.exitCode()).as("%s", unset).isEqualTo(2);
    assertThat(unset.stderr()).isEqualTo(needs);
    assertThat(missing.exitCode()).as("%s", missing).isEqualTo(2);
    assertThat(missing.stderr()).contains("There is no folder \"" + nowhere + "\"");
  }

  @Test
  void aConfigurationWithoutYarnIsSaidAndTried() throws IOException {
    Files.delete(hadoopConfiguration.resolve("yarn-site.xml"));

    Finished finished = onYarn().run(LONG_ENOUGH);

    assertThat(finished.exitCode()).isZero();
    assertThat(finished.stderr()).contains("holds no yarn-site.xml");
  }

  @Test
  void whereSparksEnvironmentMayNameTheConfigurationItIsLeftToSpark() throws IOException {
    Files.createDirectories(sparkHome.resolve("conf"));
    Files.createFile(sparkHome.resolve("conf/spark-env.sh"));

    Finished finished = onYarn().without("HADOOP_CONF_DIR").run(LONG_ENOUGH);

    assertThat(finished.exitCode()).as("%s", finished).isZero();
    assertThat(words(finished)).contains("spark-submit", "yarn");
  }

  @Test
  void aSparkThatWasLaidOutWithoutYarnSaysSo() throws IOException {
    Files.delete(sparkHome.resolve("bin/spark-submit"));

    assertRefused(
        onYarn(),
        "batchinfer: Spark in \""
            + sparkHome
            + "\" cannot run on YARN: jars/spark-yarn_*.jar is missing. Remove that folder, and the"
            + " next start fetches Spark with it; or set SPARK_HOME to a Spark 4 installation.");
  }

  private Command onYarn() {
    return command("run", "-i", "in", "-o", "out", "--master", "yarn");
  }

  @Test
  void anOptionWithoutItsValueIsAUsageError() {
    Finished finished = batchinfer("run", "--driver-memory");

    assertThat(finished.exitCode()).isEqualTo(2);
    assertThat(finished.stderr())
        .isEqualTo(
            "batchinfer: Option --driver-memory has no value. Write --driver-memory VALUE or"
                + " --driver-memory=VALUE.\n");
  }

  @Test
  void mavenFetchesTheSparkTheProductIsBuiltAgainst() throws IOException {
    Path base = BuiltProduct.baseDirectory();

    assertThat(sparkVersion(base.resolve("scripts/spark/pom.xml")))
        .isEqualTo(sparkVersion(base.resolve("pom.xml")));
  }

  private static String sparkVersion(Path pom) throws IOException {
    Matcher version =
        Pattern.compile("<spark.version>(.*)</spark.version>").matcher(Files.readString(pom));
    assertThat(version.find()).isTrue();
    return version.group(1);
  }

  private static void assertRefused(Command command, String sentence) {
    Finished finished = command.run(LONG_ENOUGH);

    assertThat(finished.exitCode()).isEqualTo(1);
    assertThat(finished.stdout()).isEmpty();
    assertThat(finished.stderr()).isEqualTo(sentence + "\n");
  }
}
