package io.batchinfer.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.batchinfer.config.EndpointOptions;
import io.batchinfer.model.BatchException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeploymentsTest {
  @TempDir private Path conf;

  private Deployments deployments(String name, String... lines) throws IOException {
    Path folder = Files.createDirectories(conf.resolve("deployments"));
    Files.writeString(folder.resolve(name + ".conf"), String.join("\n", lines));
    return new Deployments(conf);
  }

  @Test
  void aDeploymentIsForEveryWorkspaceUnlessItNamesSome() throws IOException {
    Deployments deployments = deployments("open", "base-url = http://llm:8000");
    deployments(
        "closed", "base-url = http://llm:8000", "workspaces = team-a", "workspaces = team-b");

    assertThat(deployments.mayUse("team-a", "open")).isTrue();
    assertThat(deployments.mayUse("team-b", "closed")).isTrue();
    assertThat(deployments.mayUse("team-c", "closed")).isFalse();
    assertThat(deployments.options("closed").get(EndpointOptions.BASE_URL))
        .containsExactly("http://llm:8000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "../open", "", "open.conf", ".open", "a/b"})
  void whatIsNoDeploymentMayNotBeUsed(String name) throws IOException {
    assertThat(deployments("open", "base-url = http://llm:8000").mayUse("team-a", name)).isFalse();
  }

  @Test
  void oneThatNamesNoEndpointIsAMistakeOfItsOperator() throws IOException {
    Deployments deployments = deployments("empty", "concurrency = 3");

    assertThatThrownBy(() -> deployments.options("empty"))
        .isInstanceOf(BatchException.class)
        .hasMessageContaining("names no endpoint");
  }
}
