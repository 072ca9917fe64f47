package io.batchinfer.storage;

import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.util.VersionInfo;

/** What to do about a path whose filesystem is not there, by its scheme. */
final class MissingFileSystem {
  private static final Pattern SCHEME = Pattern.compile("([A-Za-z][A-Za-z0-9+.-]*):.*");

  /** Hadoop's own modules, which have its version. */
  private static final Map<String, String> MODULES =
      Map.ofEntries(
          Map.entry("s3a", "hadoop-aws"),
          Map.entry("abfs", "hadoop-azure"),
          Map.entry("abfss", "hadoop-azure"),
          Map.entry("wasb", "hadoop-azure"),
          Map.entry("wasbs", "hadoop-azure"),
          Map.entry("oss", "hadoop-aliyun"),
          Map.entry("cosn", "hadoop-cos"),
          Map.entry("obs", "hadoop-huaweicloud"));

  private MissingFileSystem() {}

  /** What is missing for the scheme of a path, and what to pass. */
  static String advice(String path) {
    String scheme = scheme(path);
    String version = VersionInfo.getVersion();
    if (MODULES.containsKey(scheme)) {
      return missing(scheme, "org.apache.hadoop:" + MODULES.get(scheme) + ":" + version);
    }
    return switch (scheme) {
      case "s3n" ->
          "there is no filesystem for \"%s:\" here; Hadoop's own is \"s3a:\", so write s3a://…, with --packages org.apache.hadoop:hadoop-aws:%s"
              .formatted(scheme, version);
      case "gs" ->
          version.compareTo("3.5") >= 0
              ? missing(scheme, "org.apache.hadoop:hadoop-gcp:" + version)
              : "the filesystem of \"gs:\" is not installed; pass Google's connector for Hadoop 3 with --jars, and --conf spark.hadoop.fs.gs.impl=com.google.cloud.hadoop.fs.gcs.GoogleHadoopFileSystem";
      case "dbfs" ->
          "only Databricks has \"dbfs:\"; run there, or copy the files to a filesystem that this machine reaches";
      case "" -> "the name cannot be understood; put ./ in front of it";
      default ->
          "there is no filesystem for \"%s:\" here; check the spelling, put ./ in front of a file name with a colon, or pass the jar that has the filesystem with --packages or --jars"
              .formatted(scheme);
    };
  }

  private static String missing(String scheme, String module) {
    return "the filesystem of \"%s:\" is not installed; start with scripts/batchinfer, which brings it, pass --packages %s, or put that jar and what it needs into Spark's jars folder"
        .formatted(scheme, module);
  }

  /** In small letters; empty where the path has none. */
  static String scheme(String path) {
    Matcher matcher = SCHEME.matcher(path);
    return matcher.matches() ? matcher.group(1).toLowerCase(Locale.ROOT) : "";
  }
}
