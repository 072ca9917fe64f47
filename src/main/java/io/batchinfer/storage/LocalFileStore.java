package io.batchinfer.storage;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code file:} paths through the JDK. Hadoop's own local filesystem starts a {@code chmod} process
 * for every file it creates where its native library is absent, and writes checksum files as well.
 */
final class LocalFileStore implements FileStore {
  private static final int BUFFER = 1 << 16;

  @Override
  public String qualify(String path) {
    return uri(path(path));
  }

  @Override
  public List<Entry> list(String folder) {
    Path path = path(folder);
    if (!Files.isDirectory(path)) {
      return List.of();
    }
    try (Stream<Path> children = Files.list(path)) {
      List<Entry> entries = new ArrayList<>();
      for (Path child : (Iterable<Path>) children::iterator) {
        entry(child).ifPresent(entries::add);
      }
      entries.sort(Comparator.comparing(Entry::path));
      return entries;
    } catch (IOException e) {
      throw new StorageException("Cannot list \"" + folder + "\"", e);
    } catch (UncheckedIOException e) {
      // What turns up while the walk goes on, such as a folder that may not be read.
      throw new StorageException(
          "Cannot list \"" + folder + "\"", Objects.requireNonNull(e.getCause()));
    }
  }

  @Override
  public List<Entry> match(String pathOrGlob) {
    Path literal = path(pathOrGlob);
    if (Files.exists(literal)) {
      return entry(literal).stream().toList();
    }
    Path root = literal;
    while (root.getParent() != null && Globs.hasMeta(root.toString())) {
      root = root.getParent();
    }
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + literal);
    List<Entry> found = new ArrayList<>();
    int depth = literal.getNameCount() - root.getNameCount();
    try (Stream<Path> walk = Files.walk(root, depth)) {
      for (Path candidate : (Iterable<Path>) walk::iterator) {
        if (matcher.matches(candidate)) {
          entry(candidate).ifPresent(found::add);
        }
      }
    } catch (IOException e) {
      throw new StorageException("Cannot list \"" + pathOrGlob + "\"", e);
    } catch (UncheckedIOException e) {
      // What turns up while the walk goes on, such as a folder that may not be read.
      throw new StorageException(
          "Cannot list \"" + pathOrGlob + "\"", Objects.requireNonNull(e.getCause()));
    }
    found.sort(Comparator.comparing(Entry::path));
    return found;
  }

  @Override
  public Optional<Entry> find(String path) {
    return entry(path(path));
  }

  @Override
  public InputStream open(String path, long offset) {
    try {
      FileChannel channel = FileChannel.open(path(path), StandardOpenOption.READ);
      channel.position(offset);
      return Channels.newInputStream(channel);
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  @Override
  public RandomReads openRandom(String path) {
    try {
      return new ChannelReads(path, FileChannel.open(path(path), StandardOpenOption.READ));
    } catch (IOException e) {
      throw new StorageException("Cannot read \"" + path + "\"", e);
    }
  }

  @Override
  public OutputStream create(String path) {
    try {
      Path file = path(path);
      makeParent(file);
      return new BufferedOutputStream(Files.newOutputStream(file), BUFFER);
    } catch (IOException e) {
      throw new StorageException("Cannot create \"" + path + "\"", e);
    }
  }

  @Override
  public DurableFile createDurable(String path) {
    try {
      Path file = path(path);
      makeParent(file);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      return new ChannelFile(path, channel);
    } catch (IOException e) {
      throw new StorageException("Cannot create \"" + path + "\"", e);
    }
  }

  @Override
  public boolean syncsBeforeClose(String path) {
    return true;
  }

  @Override
  public void publish(String temporary, String path) {
    try {
      Path target = path(path);
      makeParent(target);
      Files.move(
          path(temporary),
          target,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new StorageException(
          "Cannot put \"" + temporary + "\" into place as \"" + path + "\"", e);
    }
  }

  @Override
  public void delete(String path) {
    try {
      Files.walkFileTree(
          path(path),
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.deleteIfExists(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
                throws IOException {
              if (failure != null) {
                throw failure;
              }
              Files.deleteIfExists(folder);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (NoSuchFileException e) {
      return;
    } catch (IOException e) {
      throw new StorageException("Cannot delete \"" + path + "\"", e);
    }
  }

  @Override
  public void makeFolder(String folder) {
    try {
      Files.createDirectories(path(folder));
    } catch (IOException e) {
      throw new StorageException("Cannot make the folder \"" + folder + "\"", e);
    }
  }

  private static void makeParent(Path file) throws IOException {
    Path parent = file.getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
  }

  private static Optional<Entry> entry(Path path) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
      return Optional.of(
          new Entry(
              uri(path),
              attributes.isDirectory(),
              attributes.size(),
              attributes.lastModifiedTime().toMillis()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      if (e instanceof FileSystemException below && "Not a directory".equals(below.getReason())) {
        // Below a file there is nothing.
        return Optional.empty();
      }
      throw new StorageException("Cannot look at \"" + path + "\"", e);
    }
  }

  static String uri(Path path) {
    return "file:" + path.toAbsolutePath().normalize();
  }

  private static Path path(String uri) {
    if (!uri.startsWith("file:")) {
      return Path.of(uri).toAbsolutePath().normalize();
    }
    String rest = uri.substring("file:".length());
    if (rest.startsWith("///")) {
      rest = rest.substring(2);
    } else if (rest.startsWith("//")) {
      throw new StorageException(
          "Cannot use \"" + uri + "\"",
          new IOException("a file: path has no host; write file:/path"));
    }
    return Path.of(rest).toAbsolutePath().normalize();
  }

  private record ChannelReads(String path, FileChannel channel) implements RandomReads {
    @Override
    public int read(long position, byte[] bytes) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        int read = 0;
        while (read >= 0 && buffer.hasRemaining()) {
          read = channel.read(buffer, position + buffer.position());
        }
        return buffer.position();
      } catch (IOException e) {
        throw new StorageException("Cannot read \"" + path + "\"", e);
      }
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new StorageException("Cannot close \"" + path + "\"", e);
      }
    }
  }

  private record ChannelFile(String path, FileChannel channel) implements DurableFile {
    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      } catch (IOException e) {
        throw new StorageException("Cannot write \"" + path + "\"", e);
      }
    }

    /** A completed write is in the kernel's hands, which outlive the process. */
    @Override
    public void sync() {}

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new StorageException("Cannot close \"" + path + "\"", e);
      }
    }
  }
}
