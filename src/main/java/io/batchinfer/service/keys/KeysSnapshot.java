package io.batchinfer.service.keys;

import io.batchinfer.store.Workspace;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The keys file as it was at one moment. Immutable. */
final class KeysSnapshot {
  private final Map<String, StoredKey> keys;
  private final Map<String, Workspace> workspaces;

  private KeysSnapshot(Map<String, StoredKey> keys, Map<String, Workspace> workspaces) {
    this.keys = Map.copyOf(keys);
    this.workspaces = Map.copyOf(workspaces);
  }

  /**
   * @throws IOException if this is not a keys file; the message says why, as the end of a sentence
   */
  static KeysSnapshot parse(byte[] json) throws IOException {
    return of(KeysJson.parse(json));
  }

  static KeysSnapshot of(KeysJson json) throws IOException {
    Map<String, StoredKey> keys = new HashMap<>();
    Map<String, Workspace> workspaces = new HashMap<>();
    try {
      for (Map.Entry<String, WorkspaceSettings> entry : json.workspaces().entrySet()) {
        requireName(entry.getKey());
        workspaces.put(entry.getKey(), workspace(entry.getKey(), entry.getValue()));
      }
      for (StoredKey key : json.keys()) {
        requireName(key.workspace());
        keys.put(key.id(), key);
        workspaces.computeIfAbsent(key.workspace(), Workspace::named);
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
    return new KeysSnapshot(keys, workspaces);
  }

  private static void requireName(String name) throws IOException {
    if (!Workspace.isName(name)) {
      throw new IOException(
          "no workspace can be named \"%s\" (1 to 63 of a-z, 0-9 and -, the first no hyphen)"
              .formatted(name));
    }
  }

  private static Workspace workspace(String name, WorkspaceSettings settings) {
    return new Workspace(
        name,
        settings.apiKeyEnv(),
        settings.apiKeyFile(),
        settings.concurrency(),
        settings.maxCost(),
        settings.requestsPerMinute(),
        settings.saving());
  }

  /** The workspace that the key opens; empty if it is unknown, wrong or revoked. */
  Optional<Workspace> workspaceOf(String key) {
    return AccessKey.idIn(key)
        .map(keys::get)
        .filter(stored -> AccessKey.matches(key, stored))
        .filter(stored -> stored.revokedAt().isEmpty())
        .map(stored -> workspace(stored.workspace()));
  }

  /** The workspace of that name; empty if the file has neither a key nor settings of it. */
  Optional<Workspace> find(String name) {
    return Optional.ofNullable(workspaces.get(name));
  }

  /** The workspace of that name, without settings of its own where the file has none. */
  Workspace workspace(String name) {
    return find(name).orElseGet(() -> Workspace.named(name));
  }
}
