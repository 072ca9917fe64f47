package io.batchinfer.packaging;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.batchinfer.cli.Main;
import io.batchinfer.config.Options;
import io.batchinfer.launch.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a job on Databricks starts from: that its facts fit each other and the code. */
class DatabricksFilesTest {
  private static final Path CONF = Path.of("conf");
  private static final YAMLMapper YAML = new YAMLMapper();

  private static JsonNode read(String file) throws IOException {
    return YAML.readTree(CONF.resolve(file).toFile());
  }

  private static void assertRunTakes(JsonNode arguments) {
    List<String> words = new ArrayList<>();
    arguments.forEach(word -> words.add(word.asText()));
    assertThat(words).first().isEqualTo("run");
    assertThat(words).contains("--input", "--output", "--api-key-env");
    assertThat(words.stream().filter(word -> word.startsWith("--")).map(word -> word.substring(2)))
        .allSatisfy(flag -> assertThat(Options.named(flag)).get().isIn(RunOptions.ALL));
    assertThat(words).noneMatch(word -> word.startsWith("sk-"));
  }

  private static Stream<JsonNode> jobs() throws IOException {
    JsonNode jobs = read("databricks/databricks.yml").at("/resources/jobs");
    assertThat(jobs.fieldNames()).toIterable().containsExactly("batchinfer", "answers");
    return Stream.of(jobs.path("batchinfer"), jobs.path("answers"));
  }

  @ParameterizedTest
  @MethodSource("jobs")
  void aJobRunsOnceAtATimeOnAClusterThatRunsIt(JsonNode job) {
    JsonNode task = job.at("/tasks/0");
    JsonNode cluster = job.at("/job_clusters/0/new_cluster");

    assertThat(job.path("max_concurrent_runs").asInt()).isEqualTo(1);
    assertThat(task.path("max_retries").asInt()).isPositive();
    assertThat(task.path("retry_on_timeout").asBoolean()).isTrue();
    assertThat(task.path("job_cluster_key")).isEqualTo(job.at("/job_clusters/0/job_cluster_key"));
    assertThat(task.at("/libraries/0/jar").asText()).endsWith("/batchinfer-job.jar");
    // Serverless compute takes its libraries from an environment, and has no SparkContext.
    assertThat(task.has("environment_key") || job.has("environments")).isFalse();
    assertThat(cluster.path("data_security_mode").asText())
        .isEqualTo("DATA_SECURITY_MODE_DEDICATED");
    assertThat(cluster.path("spark_version").asText()).matches("(17\\.3|1[89])\\.x-scala2\\.13");
    assertThat(cluster.at("/spark_env_vars/OPENAI_API_KEY").asText())
        .matches("\\{\\{secrets/[^/]+/[^/]+}}");
    assertThat(cluster.at("/cluster_log_conf/volumes/destination").asText()).endsWith("/logs");
  }

  @Test
  void theTaskOfAJarRunsTheProgram() throws IOException {
    JsonNode task = read("databricks/databricks.yml").at("/resources/jobs/batchinfer/tasks/0");

    assertThat(task.at("/spark_jar_task/main_class_name").asText()).isEqualTo(Main.class.getName());
    assertRunTakes(task.at("/spark_jar_task/parameters"));
  }

  @Test
  void theNotebookGetsTheParametersThatItAsksFor() throws IOException {
    JsonNode task = read("databricks/databricks.yml").at("/resources/jobs/answers/tasks/0");
    JsonNode notebook = task.path("notebook_task");
    String text =
        Files.readString(
            CONF.resolve("databricks").resolve(notebook.path("notebook_path").asText()));
    Set<String> asked =
        Pattern.compile("dbutils\\.widgets\\.get\\(\"(\\w+)\"\\)")
            .matcher(text)
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());

    assertThat(text).startsWith("# Databricks notebook source\n");
    assertThat(notebook.path("base_parameters").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(asked);
  }

  @Test
  void everyVariableOfTheBundleIsDeclaredAndUsed() throws IOException {
    String text = Files.readString(CONF.resolve("databricks/databricks.yml"));
    List<String> used =
        Pattern.compile("\\$\\{var\\.(\\w+)}")
            .matcher(text)
            .results()
            .map(found -> found.group(1))
            .distinct()
            .toList();

    assertThat(read("databricks/databricks.yml").path("variables").fieldNames())
        .toIterable()
        .containsExactlyInAnyOrderElementsOf(used);
  }

  @Test
  void whatIsReadAndWrittenOnDatabricksLiesOutsideItsVolumes() throws IOException {
    JsonNode variables = read("databricks/databricks.yml").path("variables");

    for (String place : List.of("input", "output", "folder")) {
      assertThat(variables.path(place).path("default").asText()).startsWith("s3://");
    }
  }
}
