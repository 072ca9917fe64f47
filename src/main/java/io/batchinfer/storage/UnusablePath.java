package io.batchinfer.storage;

import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Paths that cannot be used, whatever is installed. */
final class UnusablePath {
  private static final Pattern WINDOWS = Pattern.compile("([A-Za-z]):[\\\\/](.*)");

  private static final Pattern VOLUME = Pattern.compile("(dbfs:|file:)?(?://)?/Volumes(/.*)?");

  private UnusablePath() {}

  /**
   * Why a path cannot be used anywhere.
   *
   * @param environment of this process; Databricks sets a variable of its own
   * @param system name of the operating system: on macOS disks are under {@code /Volumes}
   * @return one sentence or two, or empty where nothing is wrong with the path
   */
  static Optional<String> refusal(String path, Map<String, String> environment, String system) {
    Matcher windows = WINDOWS.matcher(path);
    if (windows.matches()) {
      return Optional.of(
          "it is a path of Windows; give the one that this machine has for it, which in WSL is \"/mnt/%s/%s\""
              .formatted(
                  windows.group(1).toLowerCase(Locale.ROOT), windows.group(2).replace('\\', '/')));
    }
    if (isVolume(path, environment, system)) {
      return Optional.of(
          "executors cannot read or write volumes of Unity Catalog; give the external location behind it or another one that the cluster reaches (s3://…, abfss://…, gs://…)");
    }
    String scheme = MissingFileSystem.scheme(path);
    return switch (scheme) {
      case "http", "https", "ftp", "sftp" ->
          Optional.of(
              "\"%s:\" is not a filesystem; download the file and name its copy".formatted(scheme));
      default -> Optional.empty();
    };
  }

  /** An ordinary folder of that name, which is not on Databricks, can be named with its scheme. */
  private static boolean isVolume(String path, Map<String, String> environment, String system) {
    Matcher matcher = VOLUME.matcher(path);
    if (!matcher.matches()) {
      return false;
    }
    return "dbfs:".equals(matcher.group(1))
        || environment.containsKey("DATABRICKS_RUNTIME_VERSION")
        || (matcher.group(1) == null && !system.startsWith("Mac"));
  }
}
