package io.batchinfer.service.keys;

import io.batchinfer.model.BatchException;
import io.batchinfer.model.ErrorCode;
import io.batchinfer.store.Workspace;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * Changes the keys file: makes and revokes access keys, sets what holds for a workspace. Every
 * change reads the file again under a lock, so that none is lost to another one at the same time.
 *
 * <p>Thread-safe, also among processes of one machine. Methods throw {@link BatchException} with
 * {@link ErrorCode#USAGE} if the file cannot be used, and {@link
 * io.batchinfer.storage.StorageException} if writing fails, after which the file is as before.
 */
public final class KeysFile {
  private final Path file;
  private final Clock clock;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param file need not be there before the first key is made; its folder must
   */
  public KeysFile(Path file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  /** Makes a key and returns it; it is kept nowhere. Makes the file if it is not there. */
  public String create(String workspace) {
    if (!Workspace.isName(workspace)) {
      throw new IllegalArgumentException("not the name of a workspace");
    }
    return change(
        keys -> {
          List<String> taken = keys.keys().stream().map(StoredKey::id).toList();
          String id = AccessKey.newId(random);
          while (taken.contains(id)) {
            id = AccessKey.newId(random);
          }
          String key = AccessKey.newKey(id, random);
          keys.add(
              AccessKey.stored(
                  id, key, workspace, clock.instant().truncatedTo(ChronoUnit.SECONDS), random));
          return key;
        });
  }

  /** All keys in the order in which they were made, the revoked ones, too. */
  public List<StoredKey> keys() {
    try {
      return read().keys();
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /**
   * Revokes the key with that id and returns it as it was before; empty if there is none. What was
   * revoked stays so since then.
   */
  public Optional<StoredKey> revoke(String id) {
    requireThere();
    return change(
        keys -> {
          Optional<StoredKey> before =
              keys.keys().stream().filter(key -> key.id().equals(id)).findFirst();
          keys.revoke(id, clock.instant().truncatedTo(ChronoUnit.SECONDS));
          return before;
        });
  }

  /** A workspace with its settings; empty if the file has neither settings nor a key of it. */
  public Optional<Workspace> workspace(String name) {
    try {
      return KeysSnapshot.of(read()).find(name);
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  /**
   * Changes the settings of a workspace, which need not have a key yet, and returns them as they
   * are now. Makes the file if it is not there.
   */
  public Workspace set(String name, UnaryOperator<Workspace> change) {
    return change(
        keys -> {
          Workspace changed = change.apply(KeysSnapshot.of(keys).workspace(name));
          keys.set(
              name,
              new WorkspaceSettings(
                  changed.apiKeyEnv(),
                  changed.apiKeyFile(),
                  changed.concurrency(),
                  changed.maxCost(),
                  changed.requestsPerMinute(),
                  changed.saving()));
          return changed;
        });
  }

  /** A change of the file's content, and what comes of it. */
  @FunctionalInterface
  private interface Change<T> {
    T apply(KeysJson keys) throws IOException;
  }

  private <T> T change(Change<T> change) {
    requirePlace();
    try (PrivateFile target = PrivateFile.lock(file)) {
      T outcome;
      byte[] content;
      try {
        KeysJson keys = target.exists() ? read() : KeysJson.empty();
        outcome = change.apply(keys);
        content = keys.bytes();
      } catch (IOException e) {
        throw unusable(e);
      }
      target.replace(content);
      return outcome;
    }
  }

  private KeysJson read() throws IOException {
    return KeysJson.parse(Files.readAllBytes(file));
  }

  private void requirePlace() {
    Path folder = file.toAbsolutePath().normalize().getParent();
    if (folder == null || Files.isDirectory(file)) {
      throw unusable(new IOException("it is a folder"));
    }
    if (!Files.isDirectory(folder)) {
      throw new BatchException(
          ErrorCode.USAGE,
          "Keys file \"%s\" cannot be made, because there is no folder \"%s\"; make that first, or name another file."
              .formatted(file, folder));
    }
  }

  private void requireThere() {
    if (Files.notExists(file)) {
      throw unusable(new NoSuchFileException(file.toString()));
    }
  }

  private BatchException unusable(IOException cause) {
    return new BatchException(ErrorCode.USAGE, unusable(file, cause), cause);
  }

  /** Why a keys file cannot be used and what to do, in one sentence. */
  static String unusable(Path file, IOException cause) {
    if (cause instanceof NoSuchFileException) {
      return "Keys file \"%s\" does not exist; name another, or make it with \"batchinfer keys create\"."
          .formatted(file);
    }
    if (cause instanceof AccessDeniedException) {
      return "Keys file \"%s\" may not be read by this user; let its owner run this, or give it to this user."
          .formatted(file);
    }
    return "Keys file \"%s\" cannot be used, because %s; repair it or put a good copy in its place."
        .formatted(file, cause.getMessage());
  }
}
