package io.batchinfer.storage;

import java.util.List;
import java.util.Optional;

/** The folder under which the media that rows name may lie. Immutable. */
public final class MediaRoot {
  private final String root;

  /**
   * @param root qualified
   */
  public MediaRoot(String root) {
    this.root = root.endsWith("/") ? root : root + "/";
  }

  /** The full path of a file that a row names, or empty where it leaves the root. */
  public Optional<String> resolve(String file) {
    boolean plain =
        List.of(file.split("/", -1)).stream().noneMatch(segment -> segment.equals(".."))
            && file.chars().noneMatch(c -> c < ' ' || c == '\\');
    if (!plain || file.isBlank()) {
      return Optional.empty();
    }
    if (file.startsWith(root)) {
      return Optional.of(file);
    }
    if (file.startsWith("/")) {
      String local = "file:" + file;
      return local.startsWith(root) ? Optional.of(local) : Optional.empty();
    }
    return file.contains("://") || file.startsWith("file:")
        ? Optional.empty()
        : Optional.of(root + file);
  }
}
