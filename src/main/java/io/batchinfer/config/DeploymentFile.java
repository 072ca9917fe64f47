package io.batchinfer.config;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the configuration of a deployment is. */
public final class DeploymentFile {
  private static final String NAME = "[A-Za-z0-9][A-Za-z0-9_.-]{0,63}";

  private DeploymentFile() {}

  /**
   * The file of that deployment; empty where there is none.
   *
   * @param confFolder usually {@code conf}
   * @param name whatever a user gives
   */
  public static Optional<Path> find(Path confFolder, String name) {
    return name.matches(NAME)
        ? Optional.of(confFolder.resolve("deployments").resolve(name + ".conf"))
            .filter(Files::isRegularFile)
        : Optional.empty();
  }
}
