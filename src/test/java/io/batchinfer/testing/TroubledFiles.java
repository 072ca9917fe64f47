package io.batchinfer.testing;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.permission.FsPermission;

/**
 * Files of this machine as a Hadoop filesystem ({@code troubled:/path}) whose writes can be slow or
 * fail, and whose reads can fail. One trouble at a time for all of this process.
 */
public final class TroubledFiles extends RawLocalFileSystem {
  private static final String SCHEME = "troubled";
  private static volatile Trouble trouble = path -> {};

  /** Called before every write of a buffer to a file, on the thread that writes. */
  @FunctionalInterface
  public interface Trouble {
    void beforeWrite(String path) throws IOException;

    /** Called before every opening of a file to be read. */
    default void beforeRead(String path) throws IOException {}
  }

  /** Files whose names end so cannot be read. */
  public record Unreadable(String end) implements Trouble {
    @Override
    public void beforeWrite(String path) {}

    @Override
    public void beforeRead(String path) throws IOException {
      if (path.endsWith(end)) {
        throw new IOException("the disk gives nothing of it");
      }
    }
  }

  /** From now on that comes before every write; closing it ends the trouble. */
  public static AutoCloseable with(Trouble next) {
    trouble = next;
    return () -> trouble = path -> {};
  }

  /** The name of a local path there. */
  public static String name(java.nio.file.Path path) {
    return SCHEME + ":" + path.toAbsolutePath();
  }

  @Override
  public String getScheme() {
    return SCHEME;
  }

  @Override
  public URI getUri() {
    return URI.create(SCHEME + ":///");
  }

  @Override
  public FSDataInputStream open(Path path, int bufferSize) throws IOException {
    trouble.beforeRead(path.toString());
    return super.open(path, bufferSize);
  }

  @Override
  protected OutputStream createOutputStreamWithMode(
      Path path, boolean append, FsPermission permission) throws IOException {
    return new TroubledStream(
        path.toString(), super.createOutputStreamWithMode(path, append, permission));
  }

  private static final class TroubledStream extends FilterOutputStream {
    private final String path;

    TroubledStream(String path, OutputStream out) {
      super(out);
      this.path = path;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      trouble.beforeWrite(path);
      out.write(bytes, offset, length);
    }
  }
}
