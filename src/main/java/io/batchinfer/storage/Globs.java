package io.batchinfer.storage;

/** What a path pattern and a hidden file look like, as Hadoop sees them. */
final class Globs {
  private Globs() {}

  static boolean hasMeta(String path) {
    for (int i = 0; i < path.length(); i++) {
      if ("*?[{".indexOf(path.charAt(i)) >= 0) {
        return true;
      }
    }
    return false;
  }

  /** Files whose names begin with {@code _} or {@code .} are not data. */
  static boolean isVisible(String name) {
    return !name.startsWith("_") && !name.startsWith(".");
  }
}
