package io.batchinfer.storage;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSDataOutputStreamBuilder;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileContext;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Options;
import org.apache.hadoop.fs.Path;
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
    Path hadoopPath = new Path(path);
    return attempt(
        "use the path", path, () -> fileSystem(hadoopPath).makeQualified(hadoopPath).toString());
  }

  @Override
  public List<Entry> list(String folder) {
    return attempt("list", folder, () -> children(new Path(folder)));
  }

  private List<Entry> children(Path folder) throws IOException {
    try {
      List<Entry> entries = new ArrayList<>();
      FileSystem fileSystem = fileSystem(folder);
      for (FileStatus status : fileSystem.listStatus(folder)) {
        // A file lists itself.
        if (!status.getPath().equals(fileSystem.makeQualified(folder))) {
          entries.add(entry(status));
        }
      }
      entries.sort(Comparator.comparing(Entry::path));
      return entries;
    } catch (FileNotFoundException e) {
      return List.of();
    }
  }

  @Override
  public List<Entry> match(String pathOrGlob) {
    return attempt(
        "list",
        pathOrGlob,
        () -> {
          Path pattern = new Path(pathOrGlob);
          FileStatus @Nullable [] matches = fileSystem(pattern).globStatus(pattern);
          List<Entry> found = new ArrayList<>();
          if (matches != null) {
            for (FileStatus status : matches) {
              found.add(entry(status));
            }
          }
          found.sort(Comparator.comparing(Entry::path));
          return found;
        });
  }

  @Override
  public Optional<Entry> find(String path) {
    return attempt(
        "look at",
        path,
        () -> {
          Optional<Entry> found = status(path);
          return found.isPresent() || !replacesInSteps(path) ? found : status(path + NEXT);
        });
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
    return attempt(
        "read",
        path,
        () ->
            isOneOf(OBJECTS, path)
                ? new ObjectInput(from -> opened(path, from), offset)
                : opened(path, offset));
  }

  @Override
  public RandomReads openRandom(String path) {
    return attempt("read", path, () -> new StreamReads(path, () -> opened(path)));
  }

  private InputStream opened(String path, long offset) throws IOException {
    FSDataInputStream in = opened(path);
    in.seek(offset);
    return in;
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
    return attempt("create", path, () -> isOneOf(OBJECTS, path) ? object(path) : file(path, true));
  }

  /**
   * Names of such files are unique. That no other is overwritten is only made sure where that costs
   * nothing: a store of objects looks for the other one before the first byte, not when the file
   * appears.
   */
  @Override
  public DurableFile createDurable(String path) {
    return attempt(
        "create",
        path,
        () -> new StreamFile(path, isOneOf(OBJECTS, path) ? object(path) : file(path, false)));
  }

  private FSDataOutputStream file(String path, boolean overwrite) throws IOException {
    Path hadoopPath = new Path(path);
    return fileSystem(hadoopPath).create(hadoopPath, overwrite);
  }

  @Override
  public Creation createIfAbsent(String path, byte[] content) {
    Path hadoopPath = new Path(path);
    return attempt(
        "create",
        path,
        () -> new ConditionalObject(fileSystem(hadoopPath), hadoopPath).create(content));
  }

  /** Without looking first whether there is a folder of that name. */
  private ObjectStream object(String path) throws IOException {
    Path hadoopPath = new Path(path);
    FSDataOutputStreamBuilder<?, ?> file = fileSystem(hadoopPath).createFile(hadoopPath);
    file.overwrite(true);
    file.recursive();
    file.opt("fs.s3a.create.performance", true);
    return new ObjectStream(file.build());
  }

  @Override
  public StoreTraits traits(String folder) {
    if (isOneOf(HDFS, folder)) {
      return StoreTraits.FILESYSTEM;
    }
    boolean objects = isOneOf(OBJECTS, folder);
    boolean abandons =
        !objects
            || attempt(
                "create",
                folder,
                () -> {
                  ObjectStream half = object(folder + "/half");
                  half.write(new byte[1]);
                  half.abandon();
                  return half.canBeAbandoned();
                });
    return new StoreTraits(false, !objects, abandons);
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
    String temporary = TemporaryName.of(path);
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
    return attempt(
        "look at",
        path,
        () -> {
          if (status(path).isPresent()) {
            return true;
          }
          if (status(path + NEXT).isEmpty()) {
            return false;
          }
          publish(path + NEXT, path);
          return true;
        });
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

  @FunctionalInterface
  private interface Operation<T> {
    T run() throws IOException;
  }

  /**
   * One operation, whose failures are those of the store.
   *
   * @param verb completes "Cannot"
   */
  private static <T> T attempt(String verb, String path, Operation<T> operation) {
    String words = "Cannot " + verb + " \"" + path + "\"";
    try {
      return operation.run();
    } catch (IOException e) {
      throw new StorageException(words, e);
    } catch (StorageException e) {
      throw e;
    } catch (RuntimeException | LinkageError e) {
      // What a client of a store throws when it was set up wrongly, or lacks a part of itself.
      throw new StorageException(words, "its filesystem failed: " + e, e);
    }
  }

  @Override
  public void publish(String temporary, String path) {
    attempt(
        "put \"" + temporary + "\" into place as",
        path,
        () -> {
          Path from = new Path(temporary);
          Path to = new Path(path);
          FileSystem fileSystem = fileSystem(to);
          if (!isOneOf(OBJECTS, path)) {
            fileSystem.mkdirs(to.getParent());
          }
          if (isOneOf(HDFS, path)) {
            FileContext.getFileContext(fileSystem.getUri(), configuration)
                .rename(from, to, Options.Rename.OVERWRITE);
          } else if (!renamed(fileSystem, from, to)) {
            if (!fileSystem.exists(from)) {
              throw new FileNotFoundException(temporary);
            }
            // Most stores refuse to rename onto a file. The temporary is complete, so a crash
            // between the two steps leaves the old name missing; whoever publishes repeats that, or
            // has its own way to find the file.
            fileSystem.delete(to, false);
            if (!fileSystem.rename(from, to)) {
              throw new IOException("the store refused the rename");
            }
          }
          return path;
        });
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
    attempt(
        "delete",
        path,
        () -> {
          Path hadoopPath = new Path(path);
          if (replacesInSteps(path)) {
            fileSystem(hadoopPath).delete(new Path(path + NEXT), false);
          }
          return fileSystem(hadoopPath).delete(hadoopPath, true);
        });
  }

  @Override
  public void makeFolder(String folder) {
    // Among objects a folder is what names have in common; a marker of one only costs calls.
    if (!isOneOf(OBJECTS, folder)) {
      attempt(
          "make the folder", folder, () -> fileSystem(new Path(folder)).mkdirs(new Path(folder)));
    }
  }

  private FileSystem fileSystem(Path path) throws IOException {
    return HadoopFileSystem.of(path, configuration);
  }

  private static Entry entry(FileStatus status) {
    return new Entry(
        status.getPath().toString(),
        status.isDirectory(),
        status.getLen(),
        status.getModificationTime());
  }
}
