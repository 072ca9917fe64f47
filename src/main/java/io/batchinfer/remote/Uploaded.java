package io.batchinfer.remote;

import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How storing a file went.
 *
 * @param file its id, empty where it was not stored
 * @param bytes of it
 * @param problem why it was not stored, empty where it was
 * @param kind of the problem, null where there is none
 */
public record Uploaded(
    String file, long bytes, String problem, RemoteException.@Nullable Kind kind) {
  /** The problem, which there must be. */
  public RemoteException failure() {
    return new RemoteException(Objects.requireNonNull(kind), "", problem, Optional.empty(), null);
  }
}
