package io.batchinfer.storage;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.jspecify.annotations.Nullable;

/** Finds Hadoop's filesystem of a path, or what to do where there is none. */
final class HadoopFileSystem {
  /** How S3A reads; what is called analytics does not take up a connection that it lost. */
  private static final String S3A_STREAM = "fs.s3a.input.stream.type";

  private HadoopFileSystem() {}

  /** The configuration with what a run needs where the user has set nothing. */
  static Configuration withDefaults(Configuration given) {
    String @Nullable [] sources = given.getPropertySources(S3A_STREAM);
    if (sources != null && !List.of("core-default.xml").containsAll(List.of(sources))) {
      return given;
    }
    Configuration own = new Configuration(given);
    own.set(S3A_STREAM, "classic");
    return own;
  }

  /**
   * The filesystem of a path. Hadoop throws whatever comes where a jar is missing or does not fit,
   * or where its settings make no sense.
   *
   * @throws StorageException with what to pass, where there is none
   */
  static FileSystem of(Path path, Configuration configuration) throws IOException {
    String attempt = "Cannot use the path \"" + path + "\"";
    try {
      return path.getFileSystem(configuration);
    } catch (UnsupportedFileSystemException e) {
      throw new StorageException(attempt, MissingFileSystem.advice(path.toString()), e);
    } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
      throw new StorageException(
          attempt,
          absentClass(e)
              .map(words -> MissingFileSystem.advice(path.toString()) + " (" + words + ")")
              .orElse("its filesystem does not start: " + e),
          e);
    }
  }

  /** What the class loader said, where a class was not there. */
  private static Optional<String> absentClass(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof ClassNotFoundException || cause instanceof NoClassDefFoundError) {
        return Optional.of(
            "class " + String.valueOf(cause.getMessage()).replaceFirst("^Class ", ""));
      }
    }
    return Optional.empty();
  }
}
