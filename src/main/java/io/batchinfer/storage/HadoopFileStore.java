package io.batchinfer.storage;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.Set;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.jspecify.annotations.Nullable;

/** Any Hadoop filesystem: HDFS, S3A, ABFS, GCS. */
final class HadoopFileStore implements FileStore {
  /** Stores on which a file appears whole, and takes the place of another, when it is closed. */
  private static final Set<String> OBJECTS = Set.of("s3a", "s3", "gs", "oss", "cosn", "obs");

  /** HDFS: a rename replaces a file in one step, and a flush is durable before the close. */
  private static final Set<String> HDFS = Set.of("hdfs", "viewfs");

  /** A complete successor that has not taken its name yet. */
  private static final String NEXT = ".next";

  private final Configuration configuration;

  HadoopFileStore(Configuration configuration) {
    this.configuration = configuration;
  }

  @Override
  public String qualify(String path) {
    try {
      Path hadoopPath = new Path(path);
      return fileSystem(hadoopPath).makeQualified(hadoopPath).toString();
    } catch (IOException e) {
      throw new StorageException("Cannot use the path \"" + path + "\"", e);
    }
  }

  @Override
  public List<Entry> list(String folder) {
    try {
      Path path = new Path(folder);
      List<Entry> entries = new ArrayList<>();
      FileSystem fileSystem = fileSystem(path);
      for (FileStatus status : fileSystem.listStatus(path)) {
        // A file lists itself.
        if (!status.getPath().equals(fileSystem.makeQualified(path))) {
          entries.add(entry(status));
        }
      }
      entries.sort(Comparator.comparing(Entry::path));
      return entries;
    } catch (FileNotFoundException e) {
      return List.of();
    } catch (IOException e) {
      throw new StorageException("Cannot list \"" + folder + "\"", e);
    }
  }

  @Override
  public List<Entry> match(String pathOrGlob) {
    try {
      Path pattern = new Path(pathOrGlob);
      FileSystem fileSystem = fileSystem(pattern);
      FileStatus @Nullable [] matches = fileSystem.globStatus(pattern);
      List<Entry> found = new ArrayList<>();
      if (matches != null) {
        for (FileStatus status : matches) {
          found.add(entry(status));
        }
      }
      found.sort(Comparator.comparing(Entry::path));
      return found;
    } catch (IOException e) {
      throw new StorageException("Cannot list \"" + pathOrGlob + "\"", e);
    }
  }

  @Override
  public Optional<Entry> find(String path) {
    try {
      Optional<Entry> found = status(path);
      return found.isPresent() || !replacesInSteps(path) ? found : status(path + NEXT);
    } catch (IOException e) {
      throw new StorageException("Cannot look at \"" + path + "\"", e);
    }
  }

  private Optional<Entry> status(String path) throws IOException {
    try {
      Path hadoopPath = new Path(path);
      return Optional.of(entry(fileSystem(hadoopPath).getFileStatus(hadoopPath)));
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
  }

  @Override
  public InputStream open(String path, long offset) {
    try {
      FSDataInputStream in = opened(path);
      in.seek(offset);
      return in;
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  @Override
  public RandomReads openRandom(String path) {
    try {
      return new StreamReads(path, opened(path));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  private FSDataInputStream opened(String path) throws IOException {
    Path hadoopPath = new Path(path);
    FileSystem fileSystem = fileSystem(hadoopPath);
    try {
      return fileSystem.open(hadoopPath);
    } catch (FileNotFoundException e) {
      if (!replacesInSteps(path)) {
        throw e;
      }
      try {
        return fileSystem.open(new Path(path + NEXT));
      } catch (FileNotFoundException none) {
        // It may have taken its name between the two looks.
        return fileSystem.open(hadoopPath);
      }
    }
  }

  @Override
  public OutputStream create(String path) {
    try {
      Path hadoopPath = new Path(path);
      return fileSystem(hadoopPath).create(hadoopPath, true);
    } catch (IOException e) {
      throw new StorageException("Cannot create \"" + path + "\"", e);
    }
  }

  @Override
  public DurableFile createDurable(String path) {
    try {
      Path hadoopPath = new Path(path);
      return new StreamFile(path, fileSystem(hadoopPath).create(hadoopPath, false));
    } catch (IOException e) {
      throw new StorageException("Cannot create \"" + path + "\"", e);
    }
  }

  /** Only HDFS makes a flush durable before close; object stores keep nothing until then. */
  @Override
  public boolean syncsBeforeClose(String path) {
    return isOneOf(HDFS, path);
  }

  private static boolean isOneOf(Set<String> schemes, String path) {
    @Nullable String scheme = new Path(path).toUri().getScheme();
    return scheme != null && schemes.contains(scheme);
  }

  private static boolean replacesInSteps(String path) {
    return !isOneOf(OBJECTS, path) && !isOneOf(HDFS, path);
  }

  /**
   * Never leaves a moment without the file: whatever dies on the way, the old content or the new is
   * found under the name.
   */
  @Override
  public void replace(String path, byte[] content) {
    if (isOneOf(OBJECTS, path)) {
      write(path, content, path);
      return;
    }
    String temporary = path + ".tmp-" + UUID.randomUUID();
    write(temporary, content, path);
    if (isOneOf(HDFS, path)) {
      publish(temporary, path);
      return;
    }
    if (isThere(path)) {
      // The successor gets a name that readers know before the old file goes.
      publish(temporary, path + NEXT);
      publish(path + NEXT, path);
    } else {
      publish(temporary, path);
    }
  }

  /** Whether there is something to replace; ends what another could not end. */
  private boolean isThere(String path) {
    try {
      if (status(path).isPresent()) {
        return true;
      }
      if (status(path + NEXT).isEmpty()) {
        return false;
      }
      publish(path + NEXT, path);
      return true;
    } catch (IOException e) {
      throw new StorageException("Cannot look at \"" + path + "\"", e);
    }
  }

  private void write(String to, byte[] content, String path) {
    try (OutputStream out = create(to)) {
      out.write(content);
    } catch (IOException e) {
      if (!to.equals(path)) {
        delete(to);
      }
      throw new StorageException("Cannot write \"" + path + "\"", e);
    }
  }

  @Override
  public void publish(String temporary, String path) {
    try {
      Path from = new Path(temporary);
      Path to = new Path(path);
      FileSystem fileSystem = fileSystem(to);
      fileSystem.mkdirs(to.getParent());
      if (isOneOf(HDFS, path)) {
        FileContext.getFileContext(fileSystem.getUri(), configuration)
            .rename(from, to, Options.Rename.OVERWRITE);
      } else if (!renamed(fileSystem, from, to)) {
        if (!fileSystem.exists(from)) {
          throw new FileNotFoundException(temporary);
        }
        // Most stores refuse to rename onto a file. The temporary is complete, so a crash between
        // the two steps leaves the old name missing; whoever publishes repeats that, or has its own
        // way to find the file.
        fileSystem.delete(to, false);
        if (!fileSystem.rename(from, to)) {
          throw new IOException("the store refused the rename");
        }
      }
    } catch (IOException e) {
      throw new StorageException(
          "Cannot put \"" + temporary + "\" into place as \"" + path + "\"", e);
    }
  }

  /** Whether the rename was done; some stores refuse an existing target by an exception. */
  private static boolean renamed(FileSystem fileSystem, Path from, Path to) throws IOException {
    try {
      return fileSystem.rename(from, to);
    } catch (FileAlreadyExistsException e) {
      return false;
    }
  }

  @Override
  public void delete(String path) {
    try {
      Path hadoopPath = new Path(path);
      if (replacesInSteps(path)) {
        fileSystem(hadoopPath).delete(new Path(path + NEXT), false);
      }
      fileSystem(hadoopPath).delete(hadoopPath, true);
    } catch (IOException e) {
      throw new StorageException("Cannot delete \"" + path + "\"", e);
    }
  }

  @Override
  public void makeFolder(String folder) {
    try {
      Path path = new Path(folder);
      fileSystem(path).mkdirs(path);
    } catch (IOException e) {
      throw new StorageException("Cannot make the folder \"" + folder + "\"", e);
    }
  }

  private FileSystem fileSystem(Path path) throws IOException {
    return fileSystem(path, configuration);
  }

  /**
   * The filesystem of a path. Hadoop throws whatever comes where a jar is missing or does not fit,
   * or where its settings make no sense.
   *
   * @throws StorageException with what to pass, where there is none
   */
  static FileSystem fileSystem(Path path, Configuration configuration) throws IOException {
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

  private static Entry entry(FileStatus status) {
    return new Entry(
        status.getPath().toString(),
        status.isDirectory(),
        status.getLen(),
        status.getModificationTime());
  }

  private record StreamReads(String path, FSDataInputStream in) implements RandomReads {
    @Override
    public int read(long position, byte[] bytes) {
      int length = 0;
      try {
        int read = 0;
        while (read >= 0 && length < bytes.length) {
          read = in.read(position + length, bytes, length, bytes.length - length);
          length += Math.max(0, read);
        }
        return length;
      } catch (EOFException e) {
        // Some stores say so when they are asked for what is behind the end.
        return length;
      } catch (IOException e) {
        throw new StorageException("Cannot read \"" + path + "\"", e);
      }
    }

    @Override
    public void close() {
      try {
        in.close();
      } catch (IOException e) {
        throw new StorageException("Cannot close \"" + path + "\"", e);
      }
    }
  }

  private record StreamFile(String path, FSDataOutputStream out) implements DurableFile {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        out.write(bytes, offset, length);
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }

    @Override
    public void sync() {
      try {
        out.hflush();
      } catch (IOException e) {
        throw new StorageException("Cannot flush \"" + path + "\"", e);
      }
    }

    @Override
    public void close() {
      try {
        out.close();
      } catch (IOException e) {
        throw new StorageException("Cannot close \"" + path + "\"", e);
      }
    }
  }
}
