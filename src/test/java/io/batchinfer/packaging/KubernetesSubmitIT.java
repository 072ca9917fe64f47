package io.batchinfer.packaging;

import static io.batchinfer.testing.Eventually.LONG_ENOUGH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.batchinfer.cli.Main;
import io.batchinfer.testing.BuiltProduct;
import io.batchinfer.testing.ForkedProcess;
import io.batchinfer.testing.ForkedProcess.Finished;
import io.batchinfer.testing.KubernetesApi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipe for Kubernetes as it is shipped, given to Spark's own submission, which talks to a
 * server that takes what it creates: whether the driver's pod would start what it should.
 */
class KubernetesSubmitIT {

  @TempDir Path folder;

  /** A Spark home with the {@code bin/spark-submit} that a downloaded one has. */
  private Path sparkHome() throws IOException {
    Path home = BuiltProduct.kubernetesHome().toAbsolutePath();
    List<String> words = new ArrayList<>(List.of("exec", BuiltProduct.java().toString()));
    words.addAll(BuiltProduct.sparkJvmFlags());
    words.addAll(List.of("-cp", "'%s/conf:%s/jars/*'".formatted(home, home)));
    words.addAll(List.of("org.apache.spark.deploy.SparkSubmit", "\"$@\""));
    Path bin = Files.createDirectories(folder.resolve("spark/bin"));
    Path submit = bin.resolve("spark-submit");
    Files.writeString(submit, "#!/bin/sh\n" + String.join(" ", words) + "\n");
    Files.setPosixFilePermissions(submit, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder.resolve("spark");
  }

  @Test
  void theDriversPodRunsTheJobAndGetsTheKeyFromItsSecret() throws IOException {
    try (KubernetesApi api = KubernetesApi.start()) {
      Finished finished =
          ForkedProcess.command(
                  "bash",
                  BuiltProduct.baseDirectory()
                      .resolve("conf/kubernetes/spark-submit.sh")
                      .toString())
              .with("KUBERNETES", api.url())
              .with("SPARK_HOME", sparkHome().toString())
              .without("SPARK_CONF_DIR")
              .run(LONG_ENOUGH);
      assertThat(finished.exitCode()).as("%s", finished).isZero();

      List<JsonNode> created = api.created();
      assertThat(created.stream().map(object -> object.path("kind").asText()))
          .contains("Pod", "Service", "ConfigMap");
      JsonNode pod = created.get(0);
      StrictModels.check(pod);
      assertThat(pod.at("/spec/serviceAccountName").asText()).isEqualTo("spark");
      assertThat(pod.at("/spec/terminationGracePeriodSeconds").asInt()).isEqualTo(60);
      assertRunsTheJob(pod.at("/spec/containers/0"));
    }
  }

  private static void assertRunsTheJob(JsonNode driver) {
    List<String> arguments = new ArrayList<>();
    driver.path("args").forEach(word -> arguments.add(word.asText()));
    List<JsonNode> keys = new ArrayList<>();
    driver
        .path("env")
        .forEach(
            variable -> {
              if (variable.path("name").asText().equals("OPENAI_API_KEY")) {
                keys.add(variable);
              }
            });

    assertThat(driver.path("image").asText()).isEqualTo("batchinfer");
    assertThat(arguments)
        .startsWith("driver")
        .containsSubsequence(
            "--class",
            Main.class.getName(),
            "local:///opt/batchinfer/batchinfer-job.jar",
            "run",
            "--input",
            "s3a://bucket/requests/");
    assertThat(keys).hasSize(1);
    assertThat(keys.get(0).has("value")).isFalse();
    JsonNode secret = keys.get(0).at("/valueFrom/secretKeyRef");
    assertThat(secret.path("name").asText()).isEqualTo("batchinfer-upstream");
    assertThat(secret.path("key").asText()).isEqualTo("OPENAI_API_KEY");
  }
}
