package io.batchinfer.cli;

import io.batchinfer.config.DeploymentFile;
import io.batchinfer.config.EndpointOptions;
import io.batchinfer.config.EngineOptions;
import io.batchinfer.config.OptionSources;
import io.batchinfer.config.ResolvedOptions;
import io.batchinfer.config.ServiceOptions;
import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Named configurations of the operator that jobs may ask for: files {@code
 * conf/deployments/NAME.conf} that say where the requests go and how. Thread-safe.
 */
final class Deployments {
  private final @Nullable Path confFolder;

  /**
   * @param confFolder usually {@code conf}; null where there is none
   */
  Deployments(@Nullable Path confFolder) {
    this.confFolder = confFolder;
  }

  private Optional<Path> file(String name) {
    return confFolder == null ? Optional.empty() : DeploymentFile.find(confFolder, name);
  }

  /** Whether there is a deployment of that name, and the workspace may use it. */
  boolean mayUse(String workspace, String name) {
    if (file(name).isEmpty()) {
      return false;
    }
    List<String> workspaces = options(name).get(ServiceOptions.WORKSPACES);
    return workspaces.isEmpty() || workspaces.contains(workspace);
  }

  /**
   * What the deployment says, and the defaults of everything else.
   *
   * @throws BatchException {@link ErrorCode#USAGE} where there is none or it holds mistakes
   */
  ResolvedOptions options(String name) {
    Path file =
        file(name)
            .orElseThrow(
                () ->
                    new BatchException(
                        ErrorCode.USAGE,
                        "There is no deployment \"%s\": conf/deployments/%s.conf is not there."
                            .formatted(name, name)));
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (IOException e) {
      throw new BatchException(
          ErrorCode.USAGE, "The deployment \"%s\" cannot be read.".formatted(file), e);
    }
    OptionSources.Builder sources = OptionSources.builder().file(file.toString(), lines);
    if (confFolder != null) {
      sources.confFolder(confFolder);
    }
    ResolvedOptions options = sources.resolve();
    if (options.find(EndpointOptions.BASE_URL).orElse(List.of()).isEmpty()
        && options.find(EngineOptions.ENGINE).isEmpty()) {
      throw new BatchException(
          ErrorCode.USAGE,
          "The deployment \"%s\" names no endpoint; add base-url, provider or engine."
              .formatted(file));
    }
    return options;
  }
}
