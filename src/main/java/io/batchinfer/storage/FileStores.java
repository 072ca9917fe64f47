package io.batchinfer.storage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.jspecify.annotations.Nullable;

/**
 * All filesystems under one {@link FileStore}: {@code file:} through the JDK, everything else
 * through Hadoop, whose configuration is only made when it is needed. Thread-safe.
 */
public final class FileStores implements FileStore {
  private final LocalFileStore local = new LocalFileStore();
  private final Supplier<Configuration> configuration;
  private volatile @Nullable HadoopFileStore hadoop;

  public FileStores(Supplier<Configuration> configuration) {
    this.configuration = () -> HadoopFileSystem.withDefaults(configuration.get());
  }

  /**
   * As the default filesystem has it. What is called {@code s3:} is {@code s3a:}, where nothing
   * else is set up under that name.
   *
   * @throws StorageException with what to pass, where the filesystem of the path is not there
   */
  @Override
  public String qualify(String path) {
    UnusablePath.refusal(path, System.getenv(), System.getProperty("os.name", ""))
        .ifPresent(
            reason -> {
              throw new StorageException(unusable(path), reason, null);
            });
    try {
      if (path.startsWith("file:")) {
        return LocalFileStore.uri(java.nio.file.Path.of(path.replaceFirst("^file:(//(?=/))?", "")));
      }
      Configuration hadoopConfiguration = configuration.get();
      Path hadoopPath = new Path(inHadoop(path, hadoopConfiguration));
      boolean localByDefault =
          hadoopPath.toUri().getScheme() == null
              && "file".equals(FileSystem.getDefaultUri(hadoopConfiguration).getScheme());
      return localByDefault
          ? LocalFileStore.uri(java.nio.file.Path.of(path))
          : HadoopFileSystem.of(hadoopPath, hadoopConfiguration)
              .makeQualified(hadoopPath)
              .toString();
    } catch (InvalidPathException e) {
      throw new StorageException(unusable(path), "no file can have that name", e);
    } catch (IllegalArgumentException e) {
      throw new StorageException(unusable(path), MissingFileSystem.advice(path), e);
    } catch (IOException e) {
      throw new StorageException(unusable(path), e);
    }
  }

  /** Distributions with a filesystem of their own for {@code s3:} name its class. */
  private static String inHadoop(String path, Configuration configuration) {
    return path.startsWith("s3://") && configuration.get("fs.s3.impl") == null
        ? "s3a" + path.substring("s3".length())
        : path;
  }

  private static String unusable(String path) {
    return "Cannot use the path \"" + path + "\"";
  }

  private FileStore store(String path) {
    if (path.startsWith("file:") || path.startsWith("/")) {
      return local;
    }
    HadoopFileStore store = hadoop;
    if (store == null) {
      store = new HadoopFileStore(configuration.get());
      hadoop = store;
    }
    return store;
  }

  /** Whether the path is on this machine's own filesystem. */
  public static boolean isLocal(String path) {
    return path.startsWith("file:") || path.startsWith("/");
  }

  @Override
  public List<Entry> list(String folder) {
    return store(folder).list(folder);
  }

  @Override
  public List<Entry> match(String pathOrGlob) {
    return store(pathOrGlob).match(pathOrGlob);
  }

  @Override
  public Optional<Entry> find(String path) {
    return store(path).find(path);
  }

  @Override
  public InputStream open(String path, long offset) {
    return store(path).open(path, offset);
  }

  @Override
  public RandomReads openRandom(String path) {
    return store(path).openRandom(path);
  }

  @Override
  public OutputStream create(String path) {
    return store(path).create(path);
  }

  @Override
  public Creation createIfAbsent(String path, byte[] content) {
    return store(path).createIfAbsent(path, content);
  }

  @Override
  public DurableFile createDurable(String path) {
    return store(path).createDurable(path);
  }

  @Override
  public boolean syncsBeforeClose(String path) {
    return store(path).syncsBeforeClose(path);
  }

  @Override
  public StoreTraits traits(String folder) {
    return store(folder).traits(folder);
  }

  @Override
  public void publish(String temporary, String path) {
    store(path).publish(temporary, path);
  }

  @Override
  public void replace(String path, byte[] content) {
    store(path).replace(path, content);
  }

  @Override
  public void delete(String path) {
    store(path).delete(path);
  }

  @Override
  public void makeFolder(String folder) {
    store(folder).makeFolder(folder);
  }
}
