package io.batchinfer.storage;

/** What a path pattern looks like, as Hadoop sees it. */
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
}
